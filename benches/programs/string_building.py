"""Building text: join, +=, replace, translate, StringIO, split, slices."""

import io

VOWELS = str.maketrans("aeiou", "43!0U", "xyz")


def html(rows):
    out = ["<table>"]
    for n in range(rows):
        cells = "".join("<td>" + escape(f"{n}&{k}<'") + "</td>" for k in range(5))
        out.append("<tr class=" + ("odd" if n % 2 else "even") + ">" + cells + "</tr>")
    out.append("</table>")
    return "\n".join(out)


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")


def plus(rounds):
    text = ""
    for n in range(rounds):
        text += str(n % 10)
        if n % 1000 == 0:
            text += "\n"
    return text


def reverse_words(text):
    result = ""
    for word in text.split(" "):
        if result:
            result += " "
        result += word[::-1]
    return result


def run_length(text):
    out, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and text[end] == text[at]:
            end += 1
        out.append(f"{end - at}{text[at]}")
        at = end
    return "".join(out)


def look_and_say(rounds):
    text = "1"
    for _ in range(rounds):
        text = run_length(text)
    return len(text), text[:20]


def csv(rows):
    stream = io.StringIO()
    for n in range(rows):
        stream.write(",".join([str(n), "naïve café " * (n % 3), '"' + chr(65 + n % 26) * 3 + '"']))
        stream.write("\r\n")
    stream.seek(0)
    fields = [line.rstrip().split(",") for line in stream]
    return len(stream.getvalue()), sum(len(f[1]) for f in fields), fields[-1]


def main():
    page = html(40_000)
    print(len(page), page.count("&amp;"), page[-60:])
    text = plus(1_000_000)
    print(len(text), text.count("7\n"), hash(text) == hash("".join(list(text))))
    print(len(text.translate(VOWELS)), page[:9000].translate(VOWELS)[-40:])
    print(reverse_words(page[:200_000])[:50])
    print(look_and_say(43))
    print(csv(120_000))
    parts = [page[i : i + 7] for i in range(0, 1_000_000, 7)]
    print("".join(reversed(parts))[:30], len(" ".join(parts).title().swapcase().casefold()))
    print(sum(1 for a, b in zip(page, page[1:]) if a == b))


main()
