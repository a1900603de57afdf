"""Lists: append, pop, insert, slices, reversal, membership, concatenation."""


def rotate(data, rounds):
    for i in range(rounds):
        data.append(data.pop(i % 7))
        data.insert(3, data.pop())
    return data[:5]


def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    result = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1
    result += left[i:]
    result += right[j:]
    return result


def quick_sort(items, low, high):
    while low < high:
        pivot = items[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while items[i] < pivot:
                i += 1
            while items[j] > pivot:
                j -= 1
            if i <= j:
                items[i], items[j] = items[j], items[i]
                i += 1
                j -= 1
        if j - low < high - i:
            quick_sort(items, low, j)
            low = i
        else:
            quick_sort(items, i, high)
            high = j


def josephus(count, step):
    circle = list(range(count))
    at = 0
    while len(circle) > 1:
        at = (at + step - 1) % len(circle)
        del circle[at]
    return circle[0]


def slices(data, rounds):
    total = 0
    for i in range(rounds):
        part = data[i % 50 : i % 50 + 40]
        part.reverse()
        part[5:10] = [i] * 3
        part.extend(part[::3])
        total += part[i % len(part)] + len(part)
    return total


def main():
    seed = 99
    data = []
    for _ in range(90_000):
        seed = (seed * 69069 + 1) & 0xFFFFFFFF
        data.append(seed >> 8)
    ordered = merge_sort(data)
    copy = list(data)
    quick_sort(copy, 0, len(copy) - 1)
    print(ordered == copy == sorted(data), ordered[:3])
    print(rotate(list(range(30)), 1_000_000))
    print(josephus(90_000, 7))
    print(slices(list(range(100)), 400_000))
    print(sum(1 for n in range(2000) if n * 37 % 2000 in copy[:300]))


main()
