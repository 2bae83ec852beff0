"""Items on disk: packs, folders and Parquet tables of pictures, and loading a picture from anything.

Start with `Pack.open`; `write_pack` and `index_folder` make one. Knows nothing of models or of search.
"""

from mrl_demo.collection.build import adopt_table, embed_pack, write_pack
from mrl_demo.collection.images import load_image, make_thumbnail
from mrl_demo.collection.items import Item, read_items, write_items
from mrl_demo.collection.pack import Example, Pack

__all__ = [
    "Example",
    "Item",
    "Pack",
    "adopt_table",
    "embed_pack",
    "load_image",
    "make_thumbnail",
    "read_items",
    "write_items",
    "write_pack",
]
