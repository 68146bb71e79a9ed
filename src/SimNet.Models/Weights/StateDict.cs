using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace SimNet.Models;

/// <summary>Tensors by name, as in PyTorch: all parameters of a network. Immutable; sorted by name.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "State dict is the field's term.")]
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "State dict is the field's term.")]
public sealed class StateDict : IReadOnlyDictionary<string, WeightTensor>
{
    private readonly ImmutableSortedDictionary<string, WeightTensor> _tensors;

    /// <summary>Initializes a state dict.</summary>
    /// <param name="tensors">The tensors, by name.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public StateDict(IEnumerable<KeyValuePair<string, WeightTensor>> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var builder = ImmutableSortedDictionary.CreateBuilder<string, WeightTensor>(StringComparer.Ordinal);
        foreach ((string name, WeightTensor tensor) in tensors)
        {
            if (!builder.TryAdd(name, tensor))
            {
                throw new ArgumentException($"Two tensors are named '{name}'.", nameof(tensors));
            }
        }

        _tensors = builder.ToImmutable();
    }

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<WeightTensor> Values => _tensors.Values;

    /// <summary>A tensor.</summary>
    /// <param name="key">The name of the tensor.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor with this name.</exception>
    public WeightTensor this[string key] => _tensors.TryGetValue(key, out WeightTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor '{key}'.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out WeightTensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, WeightTensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
