using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace SimNet.Models.Tests;

public class SafetensorsPropertyTests
{
    private static readonly Gen<WeightTensor> Tensors =
        from dimensions in Gen.ListOf(Gen.Choose(0, 4)).Resize(5)
        from bits in Gen.ArrayOf(ArbMap.Default.GeneratorFor<int>(), dimensions.Aggregate(1, (a, b) => a * b))
        select new WeightTensor([.. dimensions], bits.Select(BitConverter.Int32BitsToSingle).ToArray());

    private static readonly Gen<string> Names =
        ArbMap.Default.GeneratorFor<string>().Select(text => new string([.. (text ?? "").Where(c => !char.IsSurrogate(c))]));

    private static readonly Gen<StateDict> StateDicts =
        from entries in Gen.ListOf(from name in Names from tensor in Tensors select KeyValuePair.Create(name, tensor))
        select new StateDict(entries.Where(e => e.Key != "__metadata__").DistinctBy(e => e.Key));

    private static readonly Gen<Dictionary<string, string>> Metadata =
        Gen.ListOf(from key in Names from value in Names select (key, value))
            .Select(list => list.DistinctBy(e => e.key).ToDictionary(e => e.key, e => e.value));

    [Fact]
    public void Written_tensors_are_read_bit_for_bit()
    {
        Prop.ForAll(StateDicts.ToArbitrary(), Metadata.ToArbitrary(), (tensors, metadata) =>
        {
            SafetensorsContent content = SafetensorsGolden.Read(SafetensorsGolden.Write(tensors, metadata));
            return StateDictComparison.SameBits(tensors, content.Tensors)
                && metadata.OrderBy(e => e.Key, StringComparer.Ordinal).SequenceEqual(
                    content.Metadata.OrderBy(e => e.Key, StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_order_of_the_content()
    {
        Prop.ForAll(StateDicts.ToArbitrary(), Metadata.ToArbitrary(), (tensors, metadata) =>
            SafetensorsGolden.Write(tensors, metadata).AsSpan().SequenceEqual(
                SafetensorsGolden.Write(
                    new StateDict(tensors.Reverse()), metadata.Reverse().ToImmutableDictionary()))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_data_starts_at_a_multiple_of_eight()
    {
        Prop.ForAll(
            StateDicts.ToArbitrary(),
            tensors => BitConverter.ToInt64(SafetensorsGolden.Write(tensors)) % 8 == 0).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_file_throws_or_reads_without_extra_memory(int seed)
    {
        var random = new SeededRandom(seed);
        byte[][] files = [SafetensorsGolden.Sorted, SafetensorsGolden.EveryType, SafetensorsGolden.FileOf("{}", 0)];
        int thrown = 0;
        for (int i = 0; i < 6000; i++)
        {
            byte[] damaged = Damage(files[random.NextInt32(files.Length)], ref random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                SafetensorsContent content = SafetensorsGolden.Read(damaged);
                Assert.True(
                    StateDictComparison.SameBits(
                        content.Tensors, SafetensorsGolden.Read(SafetensorsGolden.Write(content.Tensors)).Tensors));
            }
            catch (ModelFormatException)
            {
                thrown++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000);
        }

        Assert.InRange(thrown, 3000, 5999);
    }

    private static byte[] Damage(byte[] file, ref SeededRandom random)
    {
        switch (random.NextInt32(4))
        {
            case 0:
                return file[..random.NextInt32(file.Length)];
            case 1:
                byte[] flipped = [.. file];
                flipped[random.NextInt32(file.Length)] ^= (byte)(1 << random.NextInt32(8));
                return flipped;
            case 2:
                // Replaces digits by digits: wrong shapes and offsets in well-formed JSON.
                byte[] lying = [.. file];
                for (int tries = 0; tries < 40; tries++)
                {
                    int at = random.NextInt32(lying.Length);
                    if (lying[at] is >= (byte)'0' and <= (byte)'9')
                    {
                        lying[at] = (byte)('0' + random.NextInt32(10));
                        break;
                    }
                }

                return lying;
            default:
                int cut = random.NextInt32(file.Length), length = random.NextInt32(file.Length - cut + 1);
                return random.NextInt32(2) == 0 ? [.. file[..cut], .. file[(cut + length)..]] : [.. file[..(cut + length)], .. file[cut..]];
        }
    }
}
