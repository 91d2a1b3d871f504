/// One rank's part of a measured step.
protocol Workload: AnyObject {
    /// Prepares a step. The time is not measured.
    func prepare() throws
    /// Runs the step.
    func run() throws
    /// Adds the measurements of the step other than its time.
    func conclude(_ answer: inout StepAnswer) throws
}
