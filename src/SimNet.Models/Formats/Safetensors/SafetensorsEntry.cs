using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>One tensor as the header describes it, checked: its bytes are <paramref name="Begin"/> to <paramref name="End"/> of the data.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, ImmutableArray<int> Dimensions, int Count, long Begin, long End);
