import Subprocess
import TrainingRuns

/// What can happen to a run.
enum RunEvent: Sendable {
    /// A rank's process runs.
    case started(rank: Int, RankProcess.Running)
    /// A rank's process could not be started.
    case notStarted(any Error)
    /// Rank 0 has written a line.
    case line(String)
    /// A rank has ended.
    case ended(rank: Int, TerminationStatus)
    /// The ranks that end because of the one that failed have had time to do so.
    case settled
    /// The user has pressed Ctrl-C, or something else has sent a signal that asks for an end.
    case interrupted(Int32)
}
