"""What the desk keeps beside the record. Each field is marked personal or not in `PERSONAL`."""

from closerlook.desk import papers
from closerlook.desk.calling import models as calling
from closerlook.desk.calling.models import OpenCall
from closerlook.desk.papers import PaperLine, PaperList
from closerlook.desk.reading import models as reading
from closerlook.desk.reading.models import Batch, Ending, HandOut

__all__ = ["PERSONAL", "Batch", "Ending", "HandOut", "OpenCall", "PaperLine", "PaperList"]

PERSONAL: dict[str, bool] = {**calling.PERSONAL, **papers.PERSONAL, **reading.PERSONAL}
