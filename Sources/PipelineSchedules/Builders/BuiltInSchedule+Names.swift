extension BuiltInSchedule {
    /// The schedule of that name, as Contraflow or PyTorch spells it: `interleaved-1f1b`, `Interleaved 1F1B`,
    /// `Interleaved1F1B`, `ScheduleInterleaved1F1B`.
    ///
    /// Case, `-`, `_` and blanks make no difference.
    public init?(named name: String) {
        let letters = Self.letters(name)
        let plain = letters.hasPrefix("schedule") ? String(letters.dropFirst("schedule".count)) : letters
        let known = Self.allCases.first { [$0.rawValue, $0.title].map(Self.letters).contains(plain) }
        guard let schedule = known ?? Self.otherNames[plain] else { return nil }
        self = schedule
    }

    private static func letters(_ name: String) -> String {
        name.lowercased().filter { !"-_ ".contains($0) }
    }

    /// PyTorch's names that are not ours, and those of the schedules' papers.
    private static let otherNames: [String: BuiltInSchedule] = [
        "interleaved": .interleaved,
        "interleavedzerobubble": .interleavedZeroBubble,
        "zbh1": .zeroBubble,
        "zbvzerobubble": .zeroBubbleV,
    ]
}
