import RankHeartbeats
import Subprocess
import TrainingRuns

/// An event in the course of a run.
enum RunEvent: Sendable {
    /// The process of a rank has started.
    case started(rank: Int, RankProcess.Running)
    /// The process of a rank could not be started.
    case notStarted(any Error)
    /// Rank 0 has written a line.
    case line(String)
    /// The process of a rank has ended.
    case ended(rank: Int, TerminationStatus)
    /// The heartbeats show that processes have ended, or that a rank is lost.
    case heartbeats(HeartbeatMonitor.Finding)
    /// The other ranks have had time to end after the failure of one rank.
    case settled
    /// The ranks have had time to end after a signal before the first step.
    case startGraceEnded
    /// The launcher has received a signal that asks for the run's end, such as the SIGINT of Ctrl-C.
    case interrupted(Int32)
}
