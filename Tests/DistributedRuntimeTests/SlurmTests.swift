import DistributedRuntime
import Testing

@Suite("Slurm's variables") struct SlurmTests {
    @Test(
        "The first host of a list is that of 'scontrol show hostnames'",
        arguments: [
            ("localhost", "localhost"), ("node[01-04,7]", "node01"), ("node[7,01-04]", "node7"), ("a1,b[2-3]-x", "a1"),
            ("b[2-3]-x,a1", "b2-x"), ("rack[0-1]n[02-03]", "rack0n02"), ("n[1-2][3-4]", "n13"), ("n[09-11]", "n09"),
            ("n[9-11]", "n9"), ("n[01-4]", "n01"), ("n-[1-2]", "n-1"),
            ("node-1.example.org,node-2", "node-1.example.org"),
            ("[1-2]", "1"), (",n1,", "n1"), ("192.0.2.7", "192.0.2.7"),
        ])
    func firstHosts(list: String, host: String) {
        #expect(SlurmHostList(list)?.first == host)
    }

    @Test(
        "A text that is not a list of hosts is refused",
        arguments: [
            "", ",", "n[]", "n[3-1]", "n[1", "n1]", "n[1,,2]", "n[a-b]", "n[1-2-3]", "n[-1]", "n[1-]", "n 1",
            "n1,n[", "n[1-2]]", "n[99999999999999999999]",
        ])
    func malformedLists(list: String) {
        #expect(SlurmHostList(list) == nil)
    }

    /// Every list of one or two items, each with one range between a prefix and a suffix.
    @Test("Every small list has the first host that its expansion has") func smallLists() {
        var items: [(text: String, hosts: [String])] = []
        for prefix in ["n", "a-"] {
            for suffix in ["", "-ib"] {
                items.append((prefix + "1" + suffix, [prefix + "1" + suffix]))
                for width in 1...3 {
                    for low in 0...3 {
                        for high in low...3 {
                            let numbers = (low...high).map { String("000\($0)".suffix(width)) }
                            let range = low == high ? numbers[0] : "\(numbers[0])-\(numbers.last ?? "")"
                            items.append(("\(prefix)[\(range)]\(suffix)", numbers.map { prefix + $0 + suffix }))
                            items.append(
                                ("\(prefix)[\(range),9]\(suffix)", (numbers + ["9"]).map { prefix + $0 + suffix }))
                        }
                    }
                }
            }
        }
        for first in items {
            #expect(SlurmHostList(first.text)?.first == first.hosts[0])
            for second in items {
                #expect(SlurmHostList("\(first.text),\(second.text)")?.first == first.hosts[0])
            }
        }
    }

    private static let step = [
        "SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "1", "SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0",
        "SLURM_STEP_NODELIST": "node[03-04]", "SLURM_JOB_NODELIST": "node[01-04]",
    ]

    @Test("The first host of the step and a port of the job stand for MASTER_ADDR and MASTER_PORT") func server() throws
    {
        func server(_ changes: [String: String?] = [:]) throws -> RendezvousServer {
            try RendezvousServer(
                environment: Self.step.merging(changes.compactMapValues { $0 }) { $1 }.filter {
                    changes[$0.key] != .some(nil)
                })
        }
        let own = try server()
        #expect(own.host == "node03" && own.port == 10_000 + 4711 * 17 % 20_000)
        #expect(try server(["SLURM_STEP_NODELIST": nil]).host == "node01")
        #expect(try server(["MASTER_ADDR": "head"]).host == "head")
        #expect(try server(["MASTER_ADDR": "head"]).port == own.port)
        #expect(try server(["MASTER_PORT": "29500"]).port == 29_500)
        #expect(try server(["SLURM_STEP_ID": "1"]).port == own.port + 1)
        #expect(try server(["SLURM_JOB_ID": "18446744073709551615", "SLURM_STEP_ID": "4294967290"]).port >= 10_000)
        for (name, value, says) in [
            ("SLURM_STEP_NODELIST", "node[", "SLURM_STEP_NODELIST is 'node[', which is not a list of hosts"),
            ("SLURM_JOB_ID", "many", "MASTER_PORT is not set"), ("SLURM_PROCID", nil, "MASTER_ADDR is not set"),
        ] as [(String, String?, String)] {
            let error = #expect(throws: RendezvousError.self) { try server([name: value]) }
            #expect(error?.description.hasPrefix(says) == true, "\(error?.description ?? "")")
        }
    }

    @Test("The ports of steps and of consecutive jobs differ, and are 10000 to 29999") func ports() throws {
        var ports: Set<Int> = []
        for job in 1...1000 {
            for step in 0..<17 {
                let variables = Self.step.merging(["SLURM_JOB_ID": "\(job)", "SLURM_STEP_ID": "\(step)"]) { $1 }
                ports.insert(try RendezvousServer(environment: variables).port)
            }
        }
        #expect(ports.count == 17_000 && ports.allSatisfy { (10_000..<30_000).contains($0) })
    }
}
