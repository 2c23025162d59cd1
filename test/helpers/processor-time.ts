/** A clock of the milliseconds of processor time since now, of this process alone: whatever else the machine does. */
export function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
