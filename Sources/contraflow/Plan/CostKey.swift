import SchedulePlanning

extension CostKey {
    /// The key that a misspelt name is nearest to.
    static func nearest(to name: String) -> CostKey? {
        all.min { distance($0.name, name) < distance($1.name, name) }
    }

    /// How many characters two names do not share at their starts and ends.
    private static func distance(_ left: String, _ right: String) -> Int {
        func shared(_ left: some Sequence<Character>, _ right: some Sequence<Character>) -> Int {
            zip(left, right).prefix { $0 == $1 }.count
        }
        let same = shared(left, right) + shared(left.reversed(), right.reversed())
        return max(left.count, right.count) - min(same, left.count, right.count)
    }
}
