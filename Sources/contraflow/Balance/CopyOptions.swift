import ArgumentParser
import ExpertBalancing

/// The limits of copies in a change of placement, and the threshold for a change of load.
struct CopyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Maximum copies per plan, over all layers; unlimited by default.", valueName: "n"))
    var maxCopies: Int?

    @Option(
        help: ArgumentHelp(
            "Maximum bytes to copy per plan, such as 20GB; needs --expert-bytes.", valueName: "size"))
    var maxBytes: String?

    @Option(help: ArgumentHelp("Size of one expert's weights, such as 44MB.", valueName: "size"))
    var expertBytes: String?

    @Option(
        name: .customLong("significance"),
        help: ArgumentHelp(
            "Noise threshold of a limit on copies, in standard deviations; 6.4 by default, 0 disables it.",
            valueName: "n"))
    var givenSignificance: Double?

    func validate() throws {
        if let maxCopies, maxCopies < 0 { throw ValidationError("--max-copies is \(maxCopies): give at least 0") }
        if maxBytes != nil, expertBytes == nil {
            throw ValidationError("--max-bytes needs --expert-bytes, the size of one expert")
        }
        _ = try budget()
        if !(significance >= 0 && significance <= 1e6) {
            throw ValidationError("--significance is \(significance): give 0 to 1000000")
        }
    }

    /// The options that were given.
    var given: [String] {
        [
            ("--max-copies", maxCopies != nil), ("--max-bytes", maxBytes != nil),
            ("--expert-bytes", expertBytes != nil), ("--significance", givenSignificance != nil),
        ].filter(\.1).map(\.0)
    }

    /// The noise threshold in standard deviations.
    var significance: Double { givenSignificance ?? NoiseRule().significance }

    /// The rule that decides whether the loads of a layer have changed; nil if every difference counts.
    var noise: NoiseRule? { significance > 0 ? NoiseRule(significance: significance) : nil }

    /// Returns a line of doubt if the loads look like shares, which the rule against noise takes for token counts.
    func notes(on streams: [LoadStream]) -> [String] {
        let areShares = streams.allSatisfy { $0.windows.allSatisfy { $0.values.allSatisfy { $0 <= 1 } } }
        guard noise != nil, areShares else { return [] }
        return [
            "all loads are at most 1, like shares, but the noise threshold takes them for token counts and may prevent all "
                + "copies: give tokens, or --significance 0"
        ]
    }

    /// Returns the bytes of one expert, or nil if `--expert-bytes` is not given.
    func bytesOfExpert() throws -> Int? { try expertBytes.map { try ByteCount.parse($0, "--expert-bytes") } }

    /// Returns the maximum number of copies by `--max-copies` and `--max-bytes`, or nil if neither is given.
    func budget() throws -> Int? {
        let each = try bytesOfExpert() ?? 0
        guard let maxBytes else { return maxCopies }
        let bytes = try ByteCount.parse(maxBytes, "--max-bytes")
        return min(maxCopies ?? .max, each > 0 ? bytes / each : .max)
    }
}
