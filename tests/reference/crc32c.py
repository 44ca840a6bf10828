"""CRC-32C, bit by bit, as RFC 3720 defines it."""


def crc32c(data: bytes) -> int:
    remainder = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            carry = (remainder ^ byte >> bit) & 1
            remainder = remainder >> 1 ^ (0x82F63B78 if carry else 0)
    return remainder ^ 0xFFFFFFFF
