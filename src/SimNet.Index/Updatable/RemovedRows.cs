using System.Numerics;

namespace SimNet.Index;

/// <summary>
/// The set of removed rows, as one bit per row. Immutable: a set with one more row shares everything with this one except the piece with
/// the new bit.
/// </summary>
internal sealed class RemovedRows
{
    public static readonly RemovedRows None = new([], 0);

    private const int WordsPerPiece = 256;
    private const int RowsPerPiece = 64 * WordsPerPiece;

    /// <summary>An element is null if no row of the piece is removed.</summary>
    private readonly ulong[]?[] _pieces;

    private RemovedRows(ulong[]?[] pieces, int count)
    {
        _pieces = pieces;
        Count = count;
    }

    public int Count { get; }

    /// <summary>The number of words for the bits of this many rows.</summary>
    public static int WordCount(int rows) => (int)(((long)rows + 63) / 64);

    /// <summary>Creates a set from the words that <see cref="CopyTo"/> wrote.</summary>
    public static RemovedRows Of(ReadOnlySpan<ulong> words)
    {
        var pieces = new ulong[]?[(words.Length + WordsPerPiece - 1) / WordsPerPiece];
        int count = 0;
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != 0)
            {
                (pieces[i / WordsPerPiece] ??= new ulong[WordsPerPiece])[i % WordsPerPiece] = words[i];
                count += BitOperations.PopCount(words[i]);
            }
        }

        return count == 0 ? None : new RemovedRows(pieces, count);
    }

    public bool Contains(int row)
    {
        int piece = row / RowsPerPiece;
        return piece < _pieces.Length && _pieces[piece] is { } words && ((words[row % RowsPerPiece / 64] >> row) & 1) != 0;
    }

    /// <summary>Returns this set with a row that is not in it.</summary>
    public RemovedRows With(int row)
    {
        int piece = row / RowsPerPiece;
        var pieces = new ulong[]?[Math.Max(_pieces.Length, piece + 1)];
        _pieces.CopyTo(pieces, 0);
        ulong[] words = pieces[piece] is { } before ? [.. before] : new ulong[WordsPerPiece];
        words[row % RowsPerPiece / 64] |= 1UL << row;
        pieces[piece] = words;
        return new RemovedRows(pieces, Count + 1);
    }

    /// <summary>The rows of this set that are not in an earlier one.</summary>
    public IEnumerable<int> Since(RemovedRows earlier)
    {
        for (int piece = 0; piece < _pieces.Length; piece++)
        {
            ulong[]? before = piece < earlier._pieces.Length ? earlier._pieces[piece] : null;
            if (_pieces[piece] is not { } words || words == before)
            {
                continue;
            }

            for (int i = 0; i < WordsPerPiece; i++)
            {
                for (ulong rest = words[i] & ~(before?[i] ?? 0); rest != 0; rest &= rest - 1)
                {
                    yield return (piece * RowsPerPiece) + (64 * i) + BitOperations.TrailingZeroCount(rest);
                }
            }
        }
    }

    /// <summary>Writes the bits of as many rows as the destination can hold, which is zero before.</summary>
    public void CopyTo(Span<ulong> words)
    {
        for (int piece = 0; piece < _pieces.Length; piece++)
        {
            int start = piece * WordsPerPiece;
            if (_pieces[piece] is { } bits && start < words.Length)
            {
                bits.AsSpan(0, Math.Min(WordsPerPiece, words.Length - start)).CopyTo(words[start..]);
            }
        }
    }
}
