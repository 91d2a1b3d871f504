/// Splits copies into rounds in which each device sends at most once and receives at most once.
///
/// An edge colouring of a bipartite multigraph with as many colours as the largest degree: each edge takes a colour
/// free at its sender; where that is taken at its receiver, the path of the two colours in question is flipped first
/// (Kőnig 1916).
enum EdgeColoring {
    static func rounds(_ copies: ArraySlice<ExpertCopy>, deviceCount: Int) -> [[Int]] {
        var sent = [Int](repeating: 0, count: deviceCount)
        var received = sent
        for copy in copies {
            sent[copy.source] += 1
            received[copy.target] += 1
        }
        let colors = max(sent.max() ?? 0, received.max() ?? 0)
        guard colors > 0 else { return [] }
        // The edge of each node and colour; senders first, then receivers.
        var edgeAt = [Int](repeating: -1, count: 2 * deviceCount * colors)
        var colorOf = [Int](repeating: -1, count: copies.count)
        func ends(_ edge: Int) -> (Int, Int) {
            let copy = copies[copies.startIndex + edge]
            return (copy.source, deviceCount + copy.target)
        }
        func freeColor(_ node: Int) -> Int {
            var color = 0
            while color < colors - 1, edgeAt[node * colors + color] >= 0 { color += 1 }
            return color
        }
        for edge in 0..<copies.count {
            let (sender, receiver) = ends(edge)
            let wanted = freeColor(sender)
            let other = freeColor(receiver)
            if wanted != other {
                // From the receiver, edges of the two colours alternate; swapping them frees the wanted colour there.
                var path: [Int] = []
                var node = receiver
                var color = wanted
                while edgeAt[node * colors + color] >= 0 {
                    let next = edgeAt[node * colors + color]
                    path.append(next)
                    let (a, b) = ends(next)
                    node = a == node ? b : a
                    color = color == wanted ? other : wanted
                }
                for step in path {
                    let (a, b) = ends(step)
                    edgeAt[a * colors + colorOf[step]] = -1
                    edgeAt[b * colors + colorOf[step]] = -1
                }
                for step in path {
                    let (a, b) = ends(step)
                    colorOf[step] = colorOf[step] == wanted ? other : wanted
                    edgeAt[a * colors + colorOf[step]] = step
                    edgeAt[b * colors + colorOf[step]] = step
                }
            }
            colorOf[edge] = wanted
            edgeAt[sender * colors + wanted] = edge
            edgeAt[receiver * colors + wanted] = edge
        }
        var rounds = [[Int]](repeating: [], count: colors)
        for edge in 0..<copies.count { rounds[colorOf[edge]].append(copies.startIndex + edge) }
        return rounds
    }
}
