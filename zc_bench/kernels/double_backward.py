"""Convolution and batch normalisation with fast second derivatives on the CPU.

PyTorch differentiates these gradients too. On a CPU it uses the gradient maps as kernels of a
convolution, and a dozen sums over the batch: the second backward pass of a NAS-Bench-201 network
takes over six times a forward and backward pass. This module uses the kernels of the first backward
pass, and two passes over memory. The forward and the first backward pass call the same functions as
PyTorch, so their results have the same bits.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from zc_bench._compiled import compiled

_aten = torch.ops.aten


_weights_asked: ContextVar[bool] = ContextVar("_weights_asked", default=True)


@contextmanager
def without_weights() -> Iterator[None]:
    """Skip the gradients of weights in backward passes of convolutions while the block lasts.

    PyTorch's own functions skip gradients that a backward pass does not need. Functions in Python
    cannot handle them.
    """
    token = _weights_asked.set(False)
    try:
        yield
    finally:
        _weights_asked.reset(token)


class FastDoubleBackward(TorchFunctionMode):
    """While active, convolutions and batch normalisations on the CPU use this module.

    It replaces the calls of `nn.Conv2d` and `nn.BatchNorm2d`. Networks do not change. All other
    calls go to PyTorch.
    """

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Handle one call."""
        kwargs = kwargs or {}
        if (
            function is functional.conv2d
            and len(args) == 7
            and _ours(args[0])
            and not isinstance(args[4], str)
        ):
            return _Convolution.apply(*args)  # type: ignore[no-untyped-call]
        if (
            function is functional.batch_norm
            and len(args) == 3
            and _ours(args[0])
            and kwargs["training"]
        ):
            options = [kwargs[name] for name in ("weight", "bias", "momentum", "eps")]
            return _BatchNorm.apply(*args, *options)  # type: ignore[no-untyped-call]
        return function(*args, **kwargs)


def _ours(values: Tensor) -> bool:
    return values.device.type == "cpu" and values.dtype == torch.float32 and values.dim() == 4


class _Convolution(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, bias: Tensor | None, *geometry: Any) -> Tensor:
        ctx.save_for_backward(x, w)
        ctx.geometry, ctx.biased = geometry, bias is not None
        return functional.conv2d(x, w, bias, *geometry)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Any, ...]:
        x, w = ctx.saved_tensors
        needs = (ctx.needs_input_grad[0], ctx.needs_input_grad[1] and _weights_asked.get())
        gx, gw = _ConvolutionGradient.apply(g, x, w, ctx.geometry, needs)  # type: ignore[no-untyped-call]
        return gx, gw, g.sum((0, 2, 3)) if ctx.biased else None, None, None, None, None


class _ConvolutionGradient(Function):
    """The gradients gx = g * w (transposed) and gw = g * x, each linear in both its factors."""

    @staticmethod
    def forward(
        ctx: Any, g: Tensor, x: Tensor, w: Tensor, geometry: Any, needs: tuple[bool, bool]
    ) -> Any:
        ctx.save_for_backward(g, x, w)
        ctx.geometry = geometry
        ctx.set_materialize_grads(False)
        return _gradients(g, x, w, geometry, needs)

    @staticmethod
    def backward(ctx: Any, u: Tensor | None, v: Tensor | None) -> tuple[Any, ...]:
        g, x, w = ctx.saved_tensors
        gg = gx = gw = None
        if u is not None:
            gg = functional.conv2d(u, w, None, *ctx.geometry)
            _, gw = _gradients(g, u, w, ctx.geometry, (False, True))
        if v is not None:
            along = functional.conv2d(x, v, None, *ctx.geometry)
            gg = along if gg is None else gg + along
            if ctx.needs_input_grad[1]:
                gx, _ = _gradients(g, x, v, ctx.geometry, (True, False))
        return gg, gx, gw, None, None


def _gradients(
    g: Tensor, x: Tensor, w: Tensor, geometry: Any, needs: tuple[bool, bool]
) -> tuple[Any, Any]:
    stride, padding, dilation, groups = geometry
    mask = [*needs, False]
    gx, gw, _ = _aten.convolution_backward(
        g, x, w, None, stride, padding, dilation, False, [0, 0], groups, mask
    )
    return gx, gw


class _BatchNorm(Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None,
        bias: Tensor | None,
        momentum: float,
        eps: float,
    ) -> Tensor:
        y, mean, scale = _aten.native_batch_norm(
            x, weight, bias, running_mean, running_var, True, momentum, eps
        )
        ctx.save_for_backward(x, weight, mean, scale)
        ctx.eps = eps
        normalised: Tensor = y
        return normalised

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Any, ...]:
        x, weight, mean, scale = ctx.saved_tensors
        gx, gw, gb = _BatchNormGradient.apply(g, x, weight, mean, scale, ctx.eps)  # type: ignore[no-untyped-call]
        return gx, None, None, gw, gb, None, None


class _BatchNormGradient(Function):
    """The gradient gx = w s (g - mean(g) - h mean(g h)), with h = s (x - mean(x)), s = 1 / sqrt(var(x) + eps)."""

    @staticmethod
    def forward(
        ctx: Any,
        g: Tensor,
        x: Tensor,
        weight: Tensor | None,
        mean: Tensor,
        scale: Tensor,
        eps: float,
    ) -> Any:
        ctx.save_for_backward(g, x, weight, mean, scale)
        ctx.set_materialize_grads(False)
        affine = weight is not None
        return _aten.native_batch_norm_backward(
            g, x, weight, None, None, mean, scale, True, eps, [True, affine, affine]
        )

    @staticmethod
    def backward(
        ctx: Any, u: Tensor | None, uw: Tensor | None, ub: Tensor | None
    ) -> tuple[Any, ...]:
        if uw is not None or ub is not None:
            message = (
                "gradients of batch normalisation's own parameters cannot be differentiated here"
            )
            raise RuntimeError(message)
        if u is None:
            return (None,) * 6
        g, x, weight, mean, scale = ctx.saved_tensors
        rows = _rows(x), _rows(g), _rows(u)
        shape = rows[0].shape
        factor = np.ones(shape[1], np.float32) if weight is None else weight.detach().numpy()
        means = _sums(*rows, mean.numpy(), scale.numpy()) / shape[0]
        gg, gx = np.empty(shape, np.float32), np.empty(shape, np.float32)
        curvature = means[4] - means[0] * means[2] - means[1] * means[3]
        _combine(*rows, mean.numpy(), scale.numpy(), factor, means, curvature, gg, gx)
        gw = (
            None
            if weight is None
            else torch.from_numpy((shape[0] * scale.numpy() * curvature).astype(np.float32))
        )
        return _images(gg, x), _images(gx, x), gw, None, None, None


def _rows(images: Tensor) -> NDArray[np.float32]:
    """View (N, C, H, W) as (N * H * W, C); a copy unless it is channels-last."""
    rows: NDArray[np.float32] = (
        images.detach().permute(0, 2, 3, 1).reshape(-1, images.shape[1]).numpy()
    )
    return rows


def _images(rows: NDArray[np.float32], like: Tensor) -> Tensor:
    """Undo `_rows`."""
    n, c, h, w = like.shape
    return torch.from_numpy(rows).view(n, h, w, c).permute(0, 3, 1, 2)


_Rows = NDArray[np.float32]


def _sums(x: _Rows, g: _Rows, u: _Rows, mean: _Rows, scale: _Rows) -> NDArray[np.float64]:
    """Add up g, g h, u, u h and u g over the rows: (5, C)."""
    rows, channels = x.shape
    # Several rows at a time, because the loop over a few channels is too short to vectorise.
    side = next(count for count in (8, 4, 2, 1) if rows % count == 0)
    sums = np.zeros((5, side * channels))
    shape = (rows // side, side * channels)
    _add_up(
        x.reshape(shape),
        g.reshape(shape),
        u.reshape(shape),
        np.tile(mean, side),
        np.tile(scale, side),
        sums,
    )
    total: NDArray[np.float64] = sums.reshape(5, side, channels).sum(1)
    return total


@compiled(nogil=True)
def _add_up(
    x: _Rows, g: _Rows, u: _Rows, mean: _Rows, scale: _Rows, sums: NDArray[np.float64]
) -> None:
    """Add up g, g h, u, u h and u g over the rows, per channel."""
    for row in range(len(x)):
        xs, gs, us = x[row], g[row], u[row]
        for c in range(len(xs)):
            h = (xs[c] - mean[c]) * scale[c]
            sums[0, c] += gs[c]
            sums[1, c] += gs[c] * h
            sums[2, c] += us[c]
            sums[3, c] += us[c] * h
            sums[4, c] += us[c] * gs[c]


@compiled(nogil=True)
def _combine(
    x: _Rows,
    g: _Rows,
    u: _Rows,
    mean: _Rows,
    scale: _Rows,
    factor: _Rows,
    means: NDArray[np.float64],
    curvature: NDArray[np.float64],
    gg: _Rows,
    gx: _Rows,
) -> None:
    """Differentiate <u, gx> with respect to g and x.

    With p(a) = a - mean(a) - h mean(a h) and the letters of `_BatchNormGradient`, d/dg = w s p(u)
    and d/dx = -w s^2 (h (mean(ug) - mean(u) mean(g) - mean(uh) mean(gh)) + mean(uh) p(g) + mean(gh)
    p(u)).
    """
    m = means.astype(np.float32)
    k = curvature.astype(np.float32)
    for row in range(len(x)):
        xs, gs, us, ggs, gxs = x[row], g[row], u[row], gg[row], gx[row]
        for c in range(len(xs)):
            h = (xs[c] - mean[c]) * scale[c]
            pg = gs[c] - m[0, c] - h * m[1, c]
            pu = us[c] - m[2, c] - h * m[3, c]
            ggs[c] = factor[c] * scale[c] * pu
            gxs[c] = -factor[c] * scale[c] * scale[c] * (h * k[c] + m[3, c] * pg + m[1, c] * pu)
