"""What a chart is drawn from: shapes in a coordinate system of CSS pixels, origin at the top left.

Both backends, vector.py and raster.py, draw the same scene.
"""

from dataclasses import dataclass, field

INK = "#1c2333"
MUTED = "#5d6679"
GRID = "#e4e8ef"
AXIS = "#aab2c0"
BACKGROUND = "#ffffff"
ACCENT = "#3867d6"
ACCENT_SOFT = "#b9c6e4"
MARK = "#c2410c"

# The sizes that the raster font has, in CSS pixels; other sizes are not drawn.
LABEL = 12
TITLE = 19


@dataclass
class Rect:
    x: float
    y: float
    width: float
    height: float
    color: str
    radius: float = 0


@dataclass
class Line:
    """Horizontal or vertical."""
    x1: float
    y1: float
    x2: float
    y2: float
    color: str
    width: float = 1
    dash: tuple = ()


@dataclass
class Text:
    """`y` is the baseline; `anchor` is start, middle or end."""
    x: float
    y: float
    text: str
    size: int = LABEL
    color: str = INK
    anchor: str = "start"


@dataclass
class Scene:
    width: int
    height: int
    title: str
    description: str
    shapes: list = field(default_factory=list)

    def add(self, *shapes):
        self.shapes.extend(shapes)
