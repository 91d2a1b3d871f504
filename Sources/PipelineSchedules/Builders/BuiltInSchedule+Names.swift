extension BuiltInSchedule {
    /// The schedule of a name as Contraflow or PyTorch spells it, such as `interleaved-1f1b`, `Interleaved 1F1B`,
    /// `Interleaved1F1B` or `ScheduleInterleaved1F1B`; nil if the name is unknown.
    ///
    /// Case, `-`, `_` and spaces are ignored.
    public init?(named name: String) {
        let letters = Self.letters(name)
        let plain = letters.hasPrefix("schedule") ? String(letters.dropFirst("schedule".count)) : letters
        let known = Self.allCases.first { [$0.rawValue, $0.title].map(Self.letters).contains(plain) }
        let other = Self.otherNames.first { Self.letters($0.key) == plain }
        guard let schedule = known ?? other?.value else { return nil }
        self = schedule
    }

    private static func letters(_ name: String) -> String { name.lowercased().filter { !"-_ ".contains($0) } }

    /// The names in PyTorch and in the schedules' papers that differ from Contraflow's.
    package static let otherNames: [String: BuiltInSchedule] = [
        "Interleaved": .interleaved,
        "InterleavedZeroBubble": .interleavedZeroBubble,
        "ZB-H1": .zeroBubble,
        "ZBVZeroBubble": .zeroBubbleV,
    ]
}
