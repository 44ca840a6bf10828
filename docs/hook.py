"""What mkdocs calls: adds the generated pages and pictures to the site, and tables to the pages that ask for them."""

from functools import cache
from pathlib import Path

from generator import site
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

generated = cache(site.pages)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let an entry of the navigation that ends in / stand for all pages below it."""
    root = Path(config.docs_dir)
    written = [path.relative_to(root).as_posix() for path in root.rglob("*.md")]
    config.nav = site.expand(config.nav, [*written, *generated()])
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is generated."""
    for path, content in generated().items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put tables where a page asks for them."""
    return site.fill(markdown)
