"""Methods of str and the two older ways of formatting."""

WORDS = "the quick brown fox jumps over the lazy dog while seven wizards bake".split()


def methods(rounds):
    total = 0
    for i in range(rounds):
        word = WORDS[i % len(WORDS)]
        line = " ".join((word, word.upper(), word.title(), word[::-1]))
        total += line.count("e") + line.find("O") + len(line.split())
        if line.startswith("t") or line.endswith(("k", "g")):
            total += line.replace("e", "__").index(" ")
        total += line.strip("the").isalpha() + word.isalnum() + line.lower().rfind(word)
        left, _, right = line.partition(" ")
        total += len(left) * len(right.zfill(40).center(60, "*").lstrip("*"))
    return total


def percent(rounds):
    lines = []
    for i in range(rounds):
        lines.append("%05d|%-8s|%8.3f|%x|%r" % (i, WORDS[i % 13], i / 7, i, WORDS[i % 5]))
    return len("".join(lines)), lines[-1]


def brace(rounds):
    size = 0
    for i in range(rounds):
        size += len("{0:>6}|{name:<10}|{1:,}|{2:.2e}".format(i, i * i, i / 3, name=WORDS[i % 13]))
    return size


def caesar(text, shift):
    result = []
    for char in text:
        if "a" <= char <= "z":
            result.append(chr((ord(char) - 97 + shift) % 26 + 97))
        else:
            result.append(char)
    return "".join(result)


def palindromes(text):
    best = ""
    for middle in range(len(text)):
        for width in (0, 1):
            low, high = middle, middle + width
            while low >= 0 and high < len(text) and text[low] == text[high]:
                low -= 1
                high += 1
            if high - low - 1 > len(best):
                best = text[low + 1 : high]
    return best


def main():
    print(methods(200_000))
    print(percent(200_000))
    print(brace(200_000))
    text = " ".join(WORDS) * 20
    for shift in range(1, 150):
        text = caesar(text, shift)
    print(text[:60])
    print(palindromes("abcabacbabacbadab" * 120)[:20])


main()
