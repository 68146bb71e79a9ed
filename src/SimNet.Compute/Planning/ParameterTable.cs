namespace SimNet.Compute;

/// <summary>A session's copies of the parameters of a network, in PyTorch's order.</summary>
internal sealed class ParameterTable
{
    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);

    /// <summary>Copies the parameters of a network.</summary>
    /// <exception cref="ArgumentException">A parameter is missing or has the wrong shape; the message names it.</exception>
    public ParameterTable(Network network, StateDict weights)
    {
        foreach (ParameterInfo info in network.Parameters)
        {
            var parameter = new Parameter(info);
            parameter.Read(weights, info.Name, parameter.Value, nameof(weights));
            _byName.Add(info.Name, parameter);
            All.Add(parameter);
        }
    }

    /// <summary>All parameters, in the order of the network.</summary>
    public List<Parameter> All { get; } = [];

    public Parameter this[string name] => _byName[name];

    /// <summary>The parameter with this name; null if the network has none.</summary>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    public bool Contains(string name) => _byName.ContainsKey(name);
}
