/// Splits copies into rounds in which each device sends at most once and receives at most once.
///
/// The rounds are the colors of an edge coloring of a bipartite multigraph, which needs as many colors as the largest
/// degree (Kőnig 1916). Each edge takes a color that is free at its sender. If the color is taken at the receiver, the
/// coloring first flips the alternating path of that color and a color that is free at the receiver.
struct EdgeColoring {
    private let ends: [(sender: Int, receiver: Int)]
    private let colorCount: Int
    /// The edge of each node and color, or -1. Senders come first, then receivers.
    private var edgeAt: [Int]
    private var colorOf: [Int]

    /// Returns the rounds, each a list of indices of copies.
    static func rounds(_ copies: ArraySlice<ExpertCopy>, deviceCount: Int) -> [[Int]] {
        var coloring = EdgeColoring(copies, deviceCount: deviceCount)
        for edge in copies.indices { coloring.color(edge - copies.startIndex) }
        var rounds = [[Int]](repeating: [], count: coloring.colorCount)
        for (edge, color) in coloring.colorOf.enumerated() { rounds[color].append(copies.startIndex + edge) }
        return rounds
    }

    private init(_ copies: ArraySlice<ExpertCopy>, deviceCount: Int) {
        ends = copies.map { ($0.source, deviceCount + $0.target) }
        var degrees = [Int](repeating: 0, count: 2 * deviceCount)
        for (sender, receiver) in ends {
            degrees[sender] += 1
            degrees[receiver] += 1
        }
        colorCount = degrees.max() ?? 0
        edgeAt = [Int](repeating: -1, count: 2 * deviceCount * colorCount)
        colorOf = [Int](repeating: -1, count: copies.count)
    }

    private mutating func color(_ edge: Int) {
        let (sender, receiver) = ends[edge]
        let wanted = freeColor(sender)
        let other = freeColor(receiver)
        if wanted != other {
            let path = alternatingPath(from: receiver, wanted, other)
            for step in path { set(-1, at: step, colorOf[step]) }
            for step in path {
                colorOf[step] = colorOf[step] == wanted ? other : wanted
                set(step, at: step, colorOf[step])
            }
        }
        colorOf[edge] = wanted
        set(edge, at: edge, wanted)
    }

    private func freeColor(_ node: Int) -> Int {
        edgeAt[node * colorCount..<(node + 1) * colorCount].firstIndex(of: -1).map { $0 - node * colorCount }
            ?? colorCount - 1
    }

    /// Returns the edges of the path from `start` whose colors alternate between `first` and `second`.
    private func alternatingPath(from start: Int, _ first: Int, _ second: Int) -> [Int] {
        var path: [Int] = []
        var node = start
        var color = first
        while edgeAt[node * colorCount + color] >= 0 {
            let edge = edgeAt[node * colorCount + color]
            path.append(edge)
            node = ends[edge].sender == node ? ends[edge].receiver : ends[edge].sender
            color = color == first ? second : first
        }
        return path
    }

    /// Records `edge` as the edge of `color` at both ends of the edge `other`.
    private mutating func set(_ edge: Int, at other: Int, _ color: Int) {
        edgeAt[ends[other].sender * colorCount + color] = edge
        edgeAt[ends[other].receiver * colorCount + color] = edge
    }
}
