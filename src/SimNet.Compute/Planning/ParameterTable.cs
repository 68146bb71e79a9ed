namespace SimNet.Compute;

/// <summary>A network's parameters as a session holds them: copies of its own, in PyTorch's order.</summary>
internal sealed class ParameterTable
{
    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);

    /// <summary>Copies a network's parameters.</summary>
    /// <exception cref="ArgumentException">One is missing or has another shape; the message names it.</exception>
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

    /// <summary>In the network's order.</summary>
    public List<Parameter> All { get; } = [];

    public Parameter this[string name] => _byName[name];

    /// <summary>A parameter by its name; null where the network has none so called.</summary>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    public bool Contains(string name) => _byName.ContainsKey(name);
}
