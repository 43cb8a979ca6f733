"""`Counts`: numbers in a row whose running sums can be asked for and changed in logarithmic time."""

from __future__ import annotations


class Counts:
    """A growing list of non-negative integers (a Fenwick tree), 8 bytes an entry.

    It answers "which row holds line 73,412?" without going through the rows before it.
    """

    __slots__ = ("_tree", "total")

    def __init__(self) -> None:
        self._tree: list[int] = [0]  # from 1 on; entry i sums the last (i & -i) values up to i
        self.total = 0

    def __len__(self) -> int:
        return len(self._tree) - 1

    def append(self, value: int) -> None:
        """Add a number at the end."""
        tree = self._tree
        i = len(tree)
        stop = i - (i & -i)
        node = value
        j = i - 1
        while j > stop:
            node += tree[j]
            j -= j & -j
        tree.append(node)
        self.total += value

    def add(self, index: int, delta: int) -> None:
        """Change the number at `index` by `delta`."""
        tree = self._tree
        size = len(tree)
        i = index + 1
        while i < size:
            tree[i] += delta
            i += i & -i
        self.total += delta

    def before(self, index: int) -> int:
        """The sum of the numbers before `index`."""
        tree = self._tree
        total = 0
        while index > 0:
            total += tree[index]
            index -= index & -index
        return total

    def find(self, offset: int) -> tuple[int, int]:
        """The index whose number covers `offset` (0 <= offset < total), and the offset within it."""
        tree = self._tree
        size = len(tree) - 1
        index = 0
        bit = 1 << (size.bit_length() - 1) if size else 0
        while bit:
            there = index + bit
            if there <= size and tree[there] <= offset:
                index = there
                offset -= tree[there]
            bit >>= 1
        return index, offset
