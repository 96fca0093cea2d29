// Fixtures wait for their targets most of the time. Those that are marked run beside each other.
[assembly: LevelOfParallelism(3)]
