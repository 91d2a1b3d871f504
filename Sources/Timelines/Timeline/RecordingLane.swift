/// The lanes of the timeline that a rank records of itself. Their names are for viewers; events say what spans are.
package enum RecordingLane: String {
    /// Actions of the schedule, from the arrival of their first input to their end.
    case actions
    /// Compute segments.
    case segments
    /// Exchanges of forwards with the expert-parallel group, from their start until they are over.
    case forwardExchanges = "forward exchanges"
    /// Those of backwards.
    case backwardExchanges = "backward exchanges"
    /// The sums of gradients, from their start until they are over.
    case reductions
    /// Waiting for what another stage sends.
    case stageWaits = "waits for stages"
    /// Waiting for an exchange.
    case exchangeWaits = "waits for exchanges"
    /// Waiting for the sums of gradients, and with them for the slowest rank.
    case reductionWaits = "waits for reductions"
}
