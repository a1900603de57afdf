"""re for searching: logs, substitution with functions, splitting, backtracking."""

import re

LINE = re.compile(
    r'(?P<host>\d{1,3}(?:\.\d{1,3}){3}) - (?P<user>\S+) \[(?P<time>[^]]+)\] '
    r'"(?P<method>GET|POST) (?P<path>[^ "]+)[^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
)


def log(lines):
    methods = ("GET", "POST", "HEAD")
    return [
        f'10.{n % 256}.{n * 7 % 256}.{n % 9} - user{n % 37} [{n % 28 + 1:02}/Jan/2024:10:{n % 60:02}] '
        f'"{methods[n % 3]} /page/{n % 101}?q={n} HTTP/1.1" {200 + n % 5 * 100} {n * 13 % 9999 or "-"}'
        for n in range(lines)
    ]


def main():
    lines = log(70_000)
    bytes_by_user, failed = {}, 0
    for line in lines:
        found = LINE.match(line)
        if not found:
            failed += 1
            continue
        user, size = found["user"], found["size"]
        bytes_by_user[user] = bytes_by_user.get(user, 0) + (0 if size == "-" else int(size))
    print(failed, sorted(bytes_by_user.items())[:3])
    text = "\n".join(lines)
    print(len(re.findall(r"/page/(\d+)\?q=(\d*7)\b", text)))
    print(len(re.sub(r"\b(\d+)\.(\d+)\b", lambda m: m[2] + "." + m[1], text)))
    print(len(re.sub(r"user(?=\d)", r"<\g<0>>", text)), len(re.split(r"[\s\[\]]+", text)))
    print(len(re.findall(r"(?m)^.*(?:300|500) \d*5$", text)))
    print(sum(1 for _ in re.finditer(r"(?i)head|post", text)))
    words = re.findall(r"[a-z]+", "aabbc abcab xyzzy aaaa abcabc " * 300)
    print(sum(1 for word in words if re.fullmatch(r"(\w+)\1", word)))
    print(sum(bool(re.search(r"(a|b|ab)*c$", "ab" * n + "d")) for n in range(10)))
    html = "<div class='x'><p>one</p><p>two <b>bold</b></p></div>" * 600
    print(len(re.findall(r"<(\w+)[^>]*>([^<]*)</\1>", html)), len(re.sub(r"<.*?>", "", html)))


main()
