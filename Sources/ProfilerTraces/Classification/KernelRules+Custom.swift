import Timelines

extension KernelRules {
    /// The rules of the communication kernels that inference engines, TransformerEngine and PyTorch implement
    /// themselves.
    static let custom = [
        rule(["allgathernobarrier"], "custom all-gather"),
        rule(
            [
                "barrierkernel", "barrierall", "intranodebarrier", "::symmmem::barrier",
                "ubxkernelbarrier", "a2avwait", "combinewait", "::waitsignal", "::putsignal", "waitforsignal",
                "exchangesplit", "getagsplits", "::notifydispatch", "::cachednotify",
            ], "barrier", role: .wait),
        rule(["lamportinitialize"], "custom all-reduce", role: .setup),
        rule(
            [
                "crossdevicereduce1", "crossdevicereduce2", "reducescattercrossdevice", "oneshotallreduce",
                "twoshotallreduce", "allreduceoneshot", "allreducetwoshot", "allreduce1shot", "allreduce2shot",
                "allreduce1stage", "::allreducell", "allreduce2stage", "allreducefusion", "multimemallreduce",
                "multimemoneshot",
                "lamportallreduce",
                "allreduceprototype", "allreducermsnormprototype", "allreduce::kernel", "::quickreduce::",
                "::allreducekernel", "oneshotmcallreduce", "twoshotmc", "prenormallreduce", "rmsnormlamport",
                "cubemeshallreduce", "allreducedoubletree", "fusedallreduce", "fusedreducescatterallreduce",
                "allreducequant", "allreducemhc", "ubxkernelallreduce", "minimaxreducerms", "::minimaxar::",
                "::pcieipc::", "argfx1250", "arllgfx1250", "lowprecisiononeshot", "lowprecisiontwoshot",
                "simpleallreducekernel", "allreducenvls", "allreducersag", "allreducepacket", "allreduceallpairs",
                "allreducefullmesh", "consumerallreduce", "consumerringallreduce", "reducetopkallreduce",
            ], "custom all-reduce"),
        rule(["userbuffers"], "userbuffers"),
        rule(
            [
                "multimemallgather", "crossdeviceallgather", "lamportallgather", "mnnvlallgather", "::allgatherkernel",
                "::allgathernaive", "::allgathervec", "::allgatherlastdim", "oneshotallgather", "ringallgather",
                "allgatherring", "::allgatherpush", "::allgatherchunked", "::allgatherstrided", "::allgatheripc",
                "::allgatheropt", "allgathersdma", "ubxkernelallgather", "aggfx1250", "::forwardpush",
                "allgatherfullmesh",
            ], "custom all-gather"),
        rule(
            [
                "crossdevicereducescatter", "lamportreducescatter", "::reducescatterkernel", "reducescattersplit",
                "reducescatterring", "reducetopkreducescatter", "sdmareducescatter", "multimemreducescatter",
                "rsgfx1250",
            ], "custom reduce-scatter"),
        rule(
            [
                "ulyssesa2a", "oneshotall2all", "kernelall2all", "::alltoallv", "::alltoallkernel", "::alltoallsingle",
                "helixalltoall", "ondevicealltoall", "raggedalltoall", "ubxkernela2a", "ubxkernelalltoall",
                "ginalltoall",
                "hybridalltoall", "lsasimplealltoall", "lsapoisonalltoall", "alltoallnd", "attna2a", "packa2a",
                "intranodealltoall",
            ], "custom all-to-all"),
        rule(["ubxkernelcombine"], "MoE combine"),
        rule(["::lsaput", "::lsaget", "::p2pput", "::p2pcopyremote", "nodep2p"], "one-sided copy"),
    ]

    private static func rule(_ parts: [String], _ family: String, role: KernelRole = .work) -> KernelRule {
        KernelRule(.function([parts]), communication(family, role: role))
    }
}
