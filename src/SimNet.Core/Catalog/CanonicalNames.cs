using System.Text;

namespace SimNet.Core;

/// <summary>
/// Makes file names comparable that are the same text in other code points: macOS and archives made there write a letter and its accent
/// as two (Unicode's form NFD), most other programs as one (NFC). <see cref="string.Normalize()"/> does nothing in programs without
/// globalization data, such as the tool, so the letters of the common alphabets are listed here.
/// </summary>
internal static class CanonicalNames
{
    /// <summary>Combining marks, the letters composed with each, and the letters without it (Unicode 16.0, UnicodeData.txt).</summary>
    private static readonly (char Mark, string Composed, string Bases)[] Letters =
    [
        ('\u0300', "ÀÈÌÒÙàèìòùǛǜǸǹЀЍѐѝẦầẰằỀềỒồỜờỪừỲỳ", "AEIOUaeiouÜüNnЕИеиÂâĂăÊêÔôƠơƯưYy"),
        ('\u0301', "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźǗǘǴǵǺǻǼǽǾǿЃЌѓќẤấẮắẾếỐốỚớỨứ", "AEIOUYaeiouyCcLlNnRrSsZzÜüGgÅåÆæØøГКгкÂâĂăÊêÔôƠơƯư"),
        ('\u0302', "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẬậỆệỘộ", "AEIOUaeiouCcGgHhJjSsWwYyẠạẸẹỌọ"),
        ('\u0303', "ÃÑÕãñõĨĩŨũẪẫẴẵẼẽỄễỖỗỠỡỮữỸỹ", "ANOanoIiUuÂâĂăEeÊêÔôƠơƯưYy"),
        ('\u0304', "ĀāĒēĪīŌōŪūǕǖǞǟǠǡǢǣǬǭȪȫȬȭȰȱȲȳӢӣӮӯ", "AaEeIiOoUuÜüÄäȦȧÆæǪǫÖöÕõȮȯYyИиУу"),
        ('\u0306', "ĂăĔĕĞğĬĭŎŏŬŭЎЙйўӁӂӐӑӖӗẶặ", "AaEeGgIiOoUuУИиуЖжАаЕеẠạ"),
        ('\u0307', "ĊċĖėĠġİŻżȦȧȮȯ", "CcEeGgIZzAaOo"),
        ('\u0308', "ÄËÏÖÜäëïöüÿŸЁЇёїӒӓӚӛӜӝӞӟӤӥӦӧӪӫӬӭӰӱӴӵӸӹ", "AEIOUaeiouyYЕІеіАаӘәЖжЗзИиОоӨөЭэУуЧчЫы"),
        ('\u0309', "ẢảẨẩẲẳẺẻỂểỈỉỎỏỔổỞởỦủỬửỶỷ", "AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy"),
        ('\u030A', "ÅåŮů", "AaUu"),
        ('\u030B', "ŐőŰűӲӳ", "OoUuУу"),
        ('\u030C', "ČčĎďĚěĽľŇňŘřŠšŤťŽžǍǎǏǐǑǒǓǔǙǚǦǧǨǩǮǯǰȞȟ", "CcDdEeLlNnRrSsTtZzAaIiOoUuÜüGgKkƷʒjHh"),
        ('\u031B', "ƠơƯư", "OoUu"),
        ('\u0323', "ẠạẸẹỊịỌọỢợỤụỰựỴỵ", "AaEeIiOoƠơUuƯưYy"),
        ('\u0326', "ȘșȚț", "SsTt"),
        ('\u0327', "ÇçĢģĶķĻļŅņŖŗŞşŢţȨȩ", "CcGgKkLlNnRrSsTtEe"),
        ('\u0328', "ĄąĘęĮįŲųǪǫ", "AaEeIiUuOo"),
        ('\u3099', "がぎぐげござじずぜぞだぢづでどばびぶべぼゔゞガギグゲゴザジズゼゾダヂヅデドバビブベボヴヷヸヹヺヾ", "かきくけこさしすせそたちつてとはひふへほうゝカキクケコサシスセソタチツテトハヒフヘホウワヰヱヲヽ"),
        ('\u309A', "ぱぴぷぺぽパピプペポ", "はひふへほハヒフヘホ"),
    ];

    private static readonly Dictionary<char, (char Base, char Mark)> Decompositions = Letters
        .SelectMany(row => row.Composed.Zip(row.Bases, (composed, letter) => (composed, (letter, row.Mark))))
        .ToDictionary(entry => entry.composed, entry => entry.Item2);

    /// <summary>Splits the composed letters of a text into letters and marks, and Korean syllables into their letters.</summary>
    public static string Decompose(string text)
    {
        if (text.All(char.IsAscii))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 8);
        foreach (char letter in text)
        {
            Append(result, letter);
        }

        return result.ToString();
    }

    private static void Append(StringBuilder result, char letter)
    {
        if (Decompositions.TryGetValue(letter, out (char Base, char Mark) parts))
        {
            // The base may be composed itself, as in Vietnamese.
            Append(result, parts.Base);
            result.Append(parts.Mark);
        }
        else if (letter is >= '\uAC00' and <= '\uD7A3')
        {
            // The arithmetic of The Unicode Standard, 3.12.2.
            int syllable = letter - 0xAC00;
            result.Append((char)(0x1100 + (syllable / (21 * 28)))).Append((char)(0x1161 + (syllable / 28 % 21)));
            if (syllable % 28 > 0)
            {
                result.Append((char)(0x11A7 + (syllable % 28)));
            }
        }
        else
        {
            result.Append(letter);
        }
    }
}
