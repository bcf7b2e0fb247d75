"""An address as a code that a phone's camera reads, drawn as plain SVG: no script, no style, no image library."""

from markupsafe import Markup


def svg(address: str, title: str) -> Markup:
    """Return the code for `address` as an SVG element. `title` is what it says to those who do not see it."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(border=4, error_correction=ERROR_CORRECT_M)  # 4: the quiet zone the standard asks for
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    size = len(matrix)
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(matrix) for start, length in _runs(row)
    )
    # White behind it and black on it whatever the paper or the screen: cameras do not read it the other way round.
    return Markup(
        '<svg class="code" role="img" width="132" height="132" viewBox="0 0 {size} {size}" '
        'shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg"><title>{title}</title>'
        '<rect width="{size}" height="{size}" fill="#ffffff"/><path d="{path}" fill="#000000"/></svg>'
    ).format(size=size, title=title, path=path)


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return (start, length) of each unbroken dark stretch of a row."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found
