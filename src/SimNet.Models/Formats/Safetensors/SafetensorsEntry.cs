using System.Collections.Immutable;

namespace SimNet.Models;

/// <summary>A validated tensor entry of the header. <paramref name="Begin"/> and <paramref name="End"/> are offsets in the data.</summary>
internal sealed record SafetensorsEntry(
    string Name, SafetensorsType Type, ImmutableArray<int> Dimensions, int Count, long Begin, long End);
