/// The lanes of the timeline that a rank records. Their names are for viewers; the events state the meaning of spans.
package enum RecordingLane: String {
    /// Actions of the schedule, from the arrival of their first input to their end.
    case actions
    /// Compute segments.
    case segments
    /// Exchanges of forwards with the expert-parallel group, from their start to their end.
    case forwardExchanges = "forward exchanges"
    /// Exchanges of backwards with the expert-parallel group, from their start to their end.
    case backwardExchanges = "backward exchanges"
    /// Reductions of gradients, from their start to their end.
    case reductions
    /// Waits for values from other stages.
    case stageWaits = "waits for stages"
    /// Waits for exchanges.
    case exchangeWaits = "waits for exchanges"
    /// Waits for reductions of gradients, and with them for the slowest rank.
    case reductionWaits = "waits for reductions"
}
