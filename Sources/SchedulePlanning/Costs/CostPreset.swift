/// Costs that were measured or published, with their source.
public struct CostPreset: Sendable {
    /// The name of the preset, as the command takes it.
    public let name: String
    /// The source of the figures.
    public let source: String
    /// The costs of a rank's share of the model, for one stage per rank.
    public let costs: PipelineCosts

    /// All presets.
    public static let all: [CostPreset] = [unit, deepSeekV3H800]

    /// F, I and W of 1 ms each, the unit of published formulas.
    public static let unit = CostPreset(
        name: "unit", source: "F = I = W = 1 ms, the unit of published formulas", costs: .unit(1_000_000))

    /// DeepSeek-V3 on H800 with expert parallelism over 64 devices: a chunk of 4 MoE layers.
    public static let deepSeekV3H800 = CostPreset(
        name: "deepseek-v3-h800",
        source: "device times of the forward-backward pair in DeepSeek's published training profile (profile-data, "
            + "EP64): compute 35.9 ms forward, 58.6 ms input gradient, 23.7 ms weight gradient; communication 61.5 ms "
            + "forward, 53.0 ms backward; the overlapped pair 129.0 ms",
        costs: PipelineCosts(
            stages: [
                StageCosts(
                    forward: 97_400_000, inputGradient: 111_600_000, weightGradient: 23_700_000,
                    forwardCommunication: 61_500_000, backwardCommunication: 53_000_000)
            ],
            // 129.0 of 97.4 + 111.6 + 23.7 = 232.7 ms.
            overlapSaving: 1 - 129.0 / 232.7))
}
