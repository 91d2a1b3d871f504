extension BuiltInSchedule {
    /// The schedule of that name, as Contraflow or PyTorch spells it: `interleaved-1f1b`, `Interleaved 1F1B`,
    /// `Interleaved1F1B`, `ScheduleInterleaved1F1B`.
    ///
    /// Case, `-`, `_` and blanks make no difference.
    public init?(named name: String) {
        let letters = Self.letters(name)
        let plain = letters.hasPrefix("schedule") ? String(letters.dropFirst("schedule".count)) : letters
        let known = Self.allCases.first { [$0.rawValue, $0.title].map(Self.letters).contains(plain) }
        let other = Self.otherNames.first { Self.letters($0.key) == plain }
        guard let schedule = known ?? other?.value else { return nil }
        self = schedule
    }

    private static func letters(_ name: String) -> String { name.lowercased().filter { !"-_ ".contains($0) } }

    /// The names of PyTorch and of the schedules' papers that are not ours.
    package static let otherNames: [String: BuiltInSchedule] = [
        "Interleaved": .interleaved,
        "InterleavedZeroBubble": .interleavedZeroBubble,
        "ZB-H1": .zeroBubble,
        "ZBVZeroBubble": .zeroBubbleV,
    ]
}
