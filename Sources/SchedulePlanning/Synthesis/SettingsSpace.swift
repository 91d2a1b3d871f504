import Algorithms

/// The settings of the list scheduler that a search considers: those that the search begins with, and variations of
/// given settings.
struct SettingsSpace {
    let ranks: Int
    let stagesPerRank: Int
    let activationLimit: Int
    /// The longest forward of any stage.
    let forward: Int64
    /// Whether there are two stages whose pair saves time.
    let hasSaving: Bool

    private static let slopes = [0, 1, 2]
    private static let depthsInRanks = [0, 1, 4, -1]
    private static let groupedSlopes = [2.0, 1.6, 1.3, 1]

    /// Returns the settings that a search begins with, without duplicates.
    func starting() -> [ListSchedulerSettings] {
        let warmUpBases = [
            1, ranks * (stagesPerRank - 1) + 1, ranks * (stagesPerRank - 1) + 2, ranks * stagesPerRank, activationLimit,
        ]
        var settings: [ListSchedulerSettings] = []
        for (slope, base) in product(Self.slopes, warmUpBases) {
            for depth in Self.depthsInRanks.map({ $0 * ranks }) {
                settings += ungrouped(warmUps: warmUps(base, slope: Double(slope)), depth: depth)
                guard hasSaving, slope == 0 else { continue }
                // Pairs keep activations longer: if memory is scarce, unpaired actions may be faster.
                settings.append(
                    uniform(warmUps: warmUps(base, slope: 0), depth: depth, overlaps: false, yieldsWeights: false))
            }
        }
        settings += settings.map { setting in
            var mirrored = setting
            mirrored.isMirrored = true
            return mirrored
        }
        return Array((settings + grouped()).uniqued())
    }

    private func ungrouped(warmUps: [Int], depth: Int) -> [ListSchedulerSettings] {
        let patiences: [Int64] = hasSaving ? [0, forward / 2, 2 * forward, .max] : [0]
        return patiences.flatMap { patience in
            (patience == .max ? [0, 1, 2] : [0]).map { unpaired in
                uniform(
                    warmUps: warmUps, depth: depth, forwardPatience: patience == .max ? 0 : patience,
                    backwardPatience: patience, unpairedBackwards: unpaired, overlaps: hasSaving,
                    yieldsWeights: patience > 0)
            }
        }
    }

    /// Returns settings in the shape of interleaved 1F1B with overlapped pairs, and variants with fewer forwards ahead.
    private func grouped() -> [ListSchedulerSettings] {
        guard hasSaving else { return [] }
        let ahead = ranks * (stagesPerRank - 1) + 1
        var settings: [ListSchedulerSettings] = []
        for (isStrict, slope) in product([true, false], Self.groupedSlopes) {
            for (base, yields) in product([ahead, ahead + 1, ahead - 1], [true, false]) {
                settings.append(
                    uniform(
                        warmUps: warmUps(base, slope: slope), backwardPatience: isStrict ? .max : 2 * forward,
                        group: ranks, overlaps: true, yieldsWeights: yields))
            }
        }
        return settings
    }

    /// Returns the warm-up of each rank: `base` on the last rank, and `slope` more per rank before it, within the
    /// limit.
    private func warmUps(_ base: Int, slope: Double) -> [Int] {
        (0..<ranks).map { rank in
            min(max(base + Int((slope * Double(ranks - 1 - rank)).rounded()), 1), activationLimit)
        }
    }

    /// Returns settings that are equal on every rank, except for the warm-ups.
    private func uniform(
        warmUps: [Int], depth: Int = 0, forwardPatience: Int64 = 0, backwardPatience: Int64 = 0,
        unpairedBackwards: Int = 0, group: Int = 0, overlaps: Bool, yieldsWeights: Bool
    ) -> ListSchedulerSettings {
        ListSchedulerSettings(
            warmUps: warmUps, forwardDepth: depth, backwardDepth: depth < 0 ? -depth : 0,
            forwardPatience: Array(repeating: forwardPatience, count: ranks),
            backwardPatience: Array(repeating: backwardPatience, count: ranks),
            unpairedBackwards: Array(repeating: unpairedBackwards, count: ranks), group: group, overlaps: overlaps,
            yieldsWeights: yieldsWeights)
    }
}
