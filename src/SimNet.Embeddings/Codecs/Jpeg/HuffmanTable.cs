namespace SimNet.Embeddings;

/// <summary>A Huffman table (ITU T.81, annex C), with lookup tables that decode most codes in one step.</summary>
internal sealed class HuffmanTable
{
    /// <summary>The length up to which a code, or a code with its magnitude bits, takes one lookup.</summary>
    public const int LookupBits = 10;

    /// <summary>
    /// Added to the run of a symbol without magnitude bits, except ZRL: end of block, or end of band in progressive scans.
    /// </summary>
    public const int EndOfBand = 128;

    /// <summary>The number of bits that <see cref="Skips"/> looks at.</summary>
    public const int SkipBits = 12;

    /// <summary>In <see cref="Skips"/>: the block ends.</summary>
    public const int SkipEnd = 64;

    /// <summary>In <see cref="Skips"/>, after a shift by 8 bits: the mask of the number of coefficients.</summary>
    public const int SkipAdvanceMask = 127;

    private readonly int[] _combined = new int[1 << LookupBits];
    private readonly ushort[] _symbols = new ushort[1 << LookupBits];
    private readonly byte[] _values = new byte[256];
    private readonly byte[] _counts = new byte[16];

    /// <summary>By code length: one past the last code of this length, left-aligned in 16 bits.</summary>
    private readonly int[] _limits = new int[17];

    /// <summary>By code length: the difference between the index in <see cref="_values"/> and the code.</summary>
    private readonly int[] _places = new int[17];

    private ushort[]? _skips;
    private bool _isDc;
    private bool _hasLookups;
    private bool _hasSkips;

    public bool IsDefined { get; private set; }

    /// <summary>
    /// By the next <see cref="LookupBits"/> bits: (value shl 16) + (run shl 8) + number of bits, if a code and its magnitude bits fit;
    /// otherwise 0. In DC tables the run is 0.
    /// </summary>
    public ReadOnlySpan<int> Combined => _combined;

    /// <summary>By the next <see cref="LookupBits"/> bits: (symbol shl 8) + code length, if a code fits; otherwise 0.</summary>
    public ReadOnlySpan<ushort> Symbols => _symbols;

    /// <summary>
    /// By the next <see cref="SkipBits"/> bits, for AC coefficients that are not needed: (number of coefficients shl 8) +
    /// <see cref="SkipEnd"/> if the block ends + number of bits of all codes, with their magnitude bits, that are in these bits; 0 if not
    /// even one code is. An end of block counts as one coefficient, so that a block that is full already does not take it.
    /// </summary>
    public ReadOnlySpan<ushort> Skips
    {
        get
        {
            if (!_hasSkips)
            {
                BuildSkips();
            }

            return _skips;
        }
    }

    public void Undefine() => IsDefined = false;

    /// <summary>Defines the table, and checks that its codes fit in their lengths.</summary>
    public void Define(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values, bool isDc, long offset)
    {
        // C.2, figures C.1 and C.2: codes of one length are consecutive; the next length continues at twice the last code plus one.
        // The code of all ones is reserved, so one past the last code must fit too.
        int code = 0;
        int place = 0;
        for (int length = 1; length <= 16; length++)
        {
            int count = counts[length - 1];
            _places[length] = place - code;
            code += count;
            place += count;
            if (count > 0 && code >= 1 << length)
            {
                throw new ImageFormatException($"DHT has more codes of up to {length} bits than are possible.", offset);
            }

            _limits[length] = code << (16 - length);
            code <<= 1;
        }

        if (isDc)
        {
            foreach (byte size in values)
            {
                if (size > 15)
                {
                    throw new ImageFormatException($"DHT has a DC difference of {size} bits; expected at most 15.", offset);
                }
            }
        }

        counts.CopyTo(_counts);
        values.CopyTo(_values);
        _isDc = isDc;
        _hasLookups = false;
        _hasSkips = false;
        IsDefined = true;
    }

    /// <summary>
    /// Builds the lookup tables. This is deferred until a scan uses the table, so that a file with thousands of unused tables costs little.
    /// </summary>
    public void BuildLookups()
    {
        if (_hasLookups)
        {
            return;
        }

        Array.Clear(_combined);
        Array.Clear(_symbols);
        int first = 0;
        int place = 0;
        for (int length = 1; length <= LookupBits; length++)
        {
            for (int i = 0; i < _counts[length - 1]; i++, place++)
            {
                int span = 1 << (LookupBits - length);
                byte symbol = _values[place];
                _symbols.AsSpan(first, span).Fill((ushort)(symbol << 8 | length));
                FillCombined(_combined.AsSpan(first, span), symbol, length);
                first += span;
            }
        }

        _hasLookups = true;
    }

    /// <summary>
    /// Decodes a code longer than <see cref="LookupBits"/> from the most significant bits. The result is as in <see cref="Symbols"/>; 0 for
    /// an invalid code.
    /// </summary>
    public int DecodeLong(ulong bits)
    {
        int code = (int)(bits >> 48);
        for (int length = LookupBits + 1; length <= 16; length++)
        {
            if (code < _limits[length])
            {
                return _values[(_places[length] + (code >> (16 - length))) & 255] << 8 | length;
            }
        }

        return 0;
    }

    /// <summary>Converts magnitude bits to a signed value (F.2.2.1, EXTEND).</summary>
    public static int Extend(int magnitude, int size) => magnitude < 1 << (size - 1) ? magnitude - (1 << size) + 1 : magnitude;

    /// <summary>Needs <see cref="BuildLookups"/>.</summary>
    private void BuildSkips()
    {
        _skips ??= new ushort[1 << SkipBits];
        for (int bits = 0; bits < _skips.Length; bits++)
        {
            int used = 0;
            int advance = 0;
            bool isEnd = false;
            while (!isEnd)
            {
                int rest = bits << used & (_skips.Length - 1);
                int symbol = _symbols[rest >> (SkipBits - LookupBits)];
                int length = symbol & 255;
                int size = symbol >> 8 & 15;
                int run = symbol >> 12;

                // A code that needs bits that are not there is left to the next lookup; its magnitude may lie beyond.
                if (length == 0 || used + length > SkipBits || used + length + size > 32 || advance + run + 1 > 63)
                {
                    break;
                }

                used += length + size;
                advance += run + 1;
                isEnd = size == 0 && run != 15;
                if (isEnd)
                {
                    advance -= run;
                }

                if (used >= SkipBits)
                {
                    break;
                }
            }

            _skips[bits] = (ushort)(advance << 8 | (isEnd ? SkipEnd : 0) | used);
        }

        _hasSkips = true;
    }

    private void FillCombined(Span<int> entries, byte symbol, int length)
    {
        int size = _isDc ? symbol : symbol & 15;
        int run = _isDc ? 0 : symbol >> 4;
        if (size == 0)
        {
            // ZRL, 16 zeros, is a run of 15 and a value of 0.
            entries.Fill((_isDc || run == 15 ? run : run + EndOfBand) << 8 | length);
            return;
        }

        if (length + size > LookupBits)
        {
            return;
        }

        int repeats = 1 << (LookupBits - length - size);
        for (int magnitude = 0; magnitude < 1 << size; magnitude++)
        {
            entries.Slice(magnitude * repeats, repeats).Fill(Extend(magnitude, size) << 16 | run << 8 | (length + size));
        }
    }
}
