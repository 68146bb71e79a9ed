using System.CommandLine;

namespace SimNet.Cli;

internal static class DemoCommand
{
    public static Command Create() => new("demo");
}
