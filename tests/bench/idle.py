"""What the whole system costs while nothing happens, in cores, with and without Kafka.

python -m tests.bench.idle [seconds]
"""

import sys
import time
from collections import Counter

from tests.bench.cpu import cpu_s, table_of
from tests.bench.figures import conclude, console
from tests.loop.system import running_system

SETTLE_S, MEASURED_S = 15, 30
CORES_MOST = 0.05
"""The goal, without Kafka."""

if __name__ == "__main__":
    measured_s = int(sys.argv[1]) if len(sys.argv) > 1 else MEASURED_S
    with running_system() as system:
        time.sleep(SETTLE_S)
        before = cpu_s(str(system.environment.root))
        time.sleep(measured_s)
        used = Counter(cpu_s(str(system.environment.root)))
    used.subtract(before)
    console.print(table_of(used, measured_s, "cores"))
    kafka = used.pop("kafka", 0.0) / measured_s
    cores = sum(used.values()) / measured_s
    conclude(f"idle: {cores:.3f} cores without Kafka, goal {CORES_MOST}; Kafka {kafka:.3f}")
