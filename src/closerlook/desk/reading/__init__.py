"""The reading room: cases handed out one at a time, read, signed, and the next.

`waiting` says what waits and in which order, `handing` whose it is just now, `case` what stands on the page of one,
`forms` and `plan` what is asked, `signing` what is recorded, `pages` answers the browser.
"""
