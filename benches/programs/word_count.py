"""Text processing: words, n-grams, an index, wrapping, anagrams, a report."""

from collections import Counter, defaultdict

STEMS = "time person year way day thing man world life hand part child eye woman place work week".split()
ENDINGS = ["", "s", "ing", "ed", "ly", "ness"]


def make_text(words):
    seed, out = 7, []
    for n in range(words):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        word = STEMS[(seed >> 16) % len(STEMS)] + ENDINGS[(seed >> 8) % len(ENDINGS)]
        if n % 11 == 0:
            word = word.capitalize()
        out.append(word)
        if n % 13 == 12:
            out[-1] += "."
        elif n % 7 == 6:
            out[-1] += ","
        if n % 97 == 96:
            out.append("\n\n")
    return " ".join(out)


def words_of(text):
    word = []
    for char in text:
        if char.isalpha():
            word.append(char.lower())
        elif word:
            yield "".join(word)
            word.clear()
    if word:
        yield "".join(word)


def wrap(text, width):
    lines, line, size = [], [], 0
    for word in text.split():
        if size + len(word) + len(line) > width:
            lines.append(" ".join(line).ljust(width))
            line, size = [], 0
        line.append(word)
        size += len(word)
    lines.append(" ".join(line))
    return lines


def main():
    text = make_text(270_000)
    counts = {}
    for word in words_of(text):
        counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for word, count in ranked[:5]:
        print(f"{word:<12}{count:>6} {'#' * (count // 100)}")
    words = text.lower().replace(".", "").replace(",", "").split()
    pairs = Counter(zip(words, words[1:]))
    print(pairs.most_common(3), Counter(words) == Counter(counts))
    letters = Counter(text)
    print(sorted(letters.items(), key=lambda item: -item[1])[:4])
    index = defaultdict(list)
    for number, line in enumerate(text.splitlines()):
        for word in set(line.split()):
            index[word.strip(".,").lower()].append(number)
    print(len(index), index["timely"][:5])
    lines = wrap(text, 72)
    print(len(lines), lines[100])
    anagrams = defaultdict(set)
    for word in counts:
        anagrams["".join(sorted(word))].add(word)
    print(len(anagrams), sum(len(sentence.split()) for sentence in text.split(".")))


main()
