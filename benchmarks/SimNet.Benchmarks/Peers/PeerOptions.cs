using System.CommandLine;

namespace SimNet.Benchmarks;

/// <summary>The options <c>--peers</c> and <c>--no-peers</c>.</summary>
internal sealed class PeerOptions
{
    private readonly Option<string> _folder = new("--peers")
    {
        Description = $"The folder that benchmarks/peers/setup.sh has filled. {PeerFolder.Variable} sets the default.",
        HelpName = "DIR",
        DefaultValueFactory = _ => PeerFolder.DefaultPath,
    };

    private readonly Option<bool> _none = new("--no-peers") { Description = "Measure SimNet alone." };

    public PeerOptions(Command command)
    {
        command.Options.Add(_folder);
        command.Options.Add(_none);
    }

    /// <summary>The peers' folder; null with <c>--no-peers</c>, or, with a note on the error stream, if they are not set up.</summary>
    /// <exception cref="ArgumentException">There is no folder where <c>--peers</c> says.</exception>
    public PeerFolder? Read(ParseResult result)
    {
        if (result.GetValue(_none))
        {
            return null;
        }

        string folder = result.GetRequiredValue(_folder);
        if (Directory.Exists(folder))
        {
            return new PeerFolder(folder);
        }

        if (result.GetResult(_folder) is { Implicit: false })
        {
            throw new ArgumentException($"--peers is '{folder}'; there is no such folder.");
        }

        Console.Error.WriteLine($"There are no peers in {folder}; SimNet is measured alone. benchmarks/peers/setup.sh installs them.");
        return null;
    }
}
