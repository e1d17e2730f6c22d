"""Circles in a graph of names."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def cycles(graph: Graph) -> Iterator[list[str]]:
    """One shortest cycle through the first member of each tangle (strongly connected component), as
    `["a", "b", "a"]`, in the order of the graph's keys. Linear time, no recursion; edges to unknown names are ignored.
    """
    component = _components(graph)
    seen: set[int] = set()
    for name in graph:
        if component[name] not in seen and (cycle := _shortest(graph, name, component)):
            seen.add(component[name])
            yield cycle


def _shortest(graph: Graph, start: str, component: dict[str, int]) -> list[str]:
    came_from: dict[str, str] = {}
    pending = deque([start])
    while pending:
        name = pending.popleft()
        for target in graph[name]:
            if target == start:
                cycle = [start, name]
                while cycle[-1] != start:
                    cycle.append(came_from[cycle[-1]])
                return cycle[::-1]
            if target not in came_from and component.get(target) == component[start]:
                came_from[target] = name
                pending.append(target)
    return []


def _components(graph: Graph) -> dict[str, int]:
    """Kosaraju's algorithm: a number for each name, equal where each of two names leads to the other."""
    backwards: dict[str, list[str]] = {name: [] for name in graph}
    for name, targets in graph.items():
        for target in targets:
            if target in backwards:
                backwards[target].append(name)
    component: dict[str, int] = {}
    for number, root in enumerate(reversed(_finished(graph))):
        pending = [root]
        while pending:
            name = pending.pop()
            if name not in component:
                component[name] = number
                pending.extend(backwards[name])
    return component


def _finished(graph: Graph) -> list[str]:
    """The names in the order in which a depth-first walk leaves them."""
    entered: set[str] = set()
    left: list[str] = []
    for root in graph:
        if root in entered:
            continue
        entered.add(root)
        walk = [(root, iter(graph[root]))]
        while walk:
            name, targets = walk[-1]
            for target in targets:
                if target in graph and target not in entered:
                    entered.add(target)
                    walk.append((target, iter(graph[target])))
                    break
            else:
                left.append(name)
                walk.pop()
    return left
