"""A plot of horizontal bars as SVG, without a library."""
from html import escape

COLOURS = ["#b5501b", "#3b6ea5", "#7fa8d1", "#a9b8c6"]
LEFT, WIDTH, BAR, GAP, TOP = 150, 620, 11, 10, 84


def bars(title, note, groups, series):
    """`groups`: (label, {series: value}); a series that a group has not is left out."""
    most = max((v for _, values in groups for v in values.values()), default=1) or 1
    scale = WIDTH / most
    parts, y = [], TOP
    for label, values in groups:
        top = y
        for name in (n for n in series if n in values):
            length, colour = values[name] * scale, COLOURS[series.index(name) % len(COLOURS)]
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 1}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + length + 4:.1f}" y="{y + BAR - 2}">{values[name]:.2f}</text>')
            y += BAR
        parts.append(f'<text x="{LEFT - 8}" y="{(top + y) / 2 + 4:.0f}" text-anchor="end">{escape(label)}</text>')
        y += GAP
    used = [n for n in series if any(n in values for _, values in groups)]
    for i, name in enumerate(used):
        x = LEFT + i * 170
        parts.append(f'<rect x="{x}" y="54" width="10" height="10" fill="{COLOURS[series.index(name) % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 15}" y="63">{escape(name)}</text>')
    head = f'<text x="12" y="22" font-size="15">{escape(title)}</text><text x="12" y="40" fill="#555">{escape(note)}</text>'
    size = f'width="{LEFT + WIDTH + 60}" height="{y + 10}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{head}\n' + "\n".join(parts) + "\n</svg>\n")
