import PipelineSchedules
import TrainingRecipes

/// A valid schedule from a CSV file or from standard input.
struct ScheduleFile {
    let bytes: [UInt8]
    let schedule: Schedule
    let report: Schedule.ValidationReport

    /// Reads and validates a schedule.
    ///
    /// - Parameter chainCount: The number of chains; nil for that of the file's sidecar, or 1.
    init(_ path: String, chainCount: Int?) throws {
        bytes = try readInput(path)
        (schedule, report) = try Self.valid(bytes, path, chainCount: chainCount)
    }

    private static func valid(
        _ bytes: [UInt8], _ path: String, chainCount: Int?
    ) throws -> (Schedule, Schedule.ValidationReport) {
        let schedule: Schedule
        do {
            let count = try chainCount ?? ChainSidecar.chains(besides: path) ?? 1
            schedule = try Schedule(csv: bytes, name: path, chainCount: count)
        } catch let error as ScheduleCSVError {
            throw CommandError("\(path): \(error)")
        } catch let error as ChainSidecarError {
            throw CommandError(error.description)
        }
        do {
            return (schedule, try schedule.validate())
        } catch {
            let remedy =
                schedule.isValidAsTwoChains
                ? ": with two chains, as in DualPipe, the schedule is valid: give --chains 2 if it has two" : ""
            throw CommandError("\(path): \(error)\(remedy)")
        }
    }
}
