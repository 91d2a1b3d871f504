/// One rank's part of a step that is measured.
protocol Workload: AnyObject {
    /// What has to be done before every step and does not count.
    func prepare() throws
    /// The step.
    func run() throws
    /// Adds what there is to say about the step beside its time.
    func conclude(_ answer: inout StepAnswer) throws
}
