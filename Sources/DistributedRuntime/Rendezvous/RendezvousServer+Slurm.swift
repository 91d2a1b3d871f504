extension RendezvousServer {
    /// The variables with the nodes of a step or a job, the most specific one first.
    private static let nodeLists = ["SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"]

    /// Returns the first host of the step, and the variable that names it; nil without Slurm's variables.
    ///
    /// Rank 0 runs on this host, unless the job has an arbitrary distribution of tasks.
    static func slurmHost(_ environment: [String: String]) throws(RendezvousError) -> (name: String, variable: String)?
    {
        guard environment["SLURM_PROCID"] != nil,
            let variable = nodeLists.first(where: { environment[$0]?.isEmpty == false }),
            let text = environment[variable]
        else { return nil }
        guard let list = SlurmHostList(text) else {
            throw RendezvousError(
                "\(variable) is '\(text)', which is not a list of hosts such as node[01-04]: set MASTER_ADDR to the host "
                    + "of rank 0")
        }
        return (list.first, variable)
    }

    /// Returns the port of a step, which is the same on all its ranks and different from the ports of other steps on
    /// the same machine; nil without Slurm's variables.
    ///
    /// The ports 10000 to 29999 are below those that systems assign to outgoing connections.
    static func slurmPort(_ environment: [String: String]) -> Int? {
        guard environment["SLURM_PROCID"] != nil,
            let job = (environment["SLURM_JOB_ID"] ?? environment["SLURM_JOBID"]).flatMap({ UInt64($0) })
        else { return nil }
        let step = (environment["SLURM_STEP_ID"] ?? environment["SLURM_STEPID"]).flatMap { UInt64($0) } ?? 0
        // Jobs of consecutive numbers differ by 17 ports, so that their first steps have different ports too.
        return Int(10_000 + (job % 20_000 * 17 + step % 20_000) % 20_000)
    }
}
