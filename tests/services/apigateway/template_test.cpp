// Mapping templates: what Velocity's language does with them, as API Gateway runs it.
#include <fstream>
#include <regex>

#include <gtest/gtest.h>

#include "services/apigateway/vtl.hpp"

namespace paddock::services::apigateway::vtl {
namespace {

std::string rendered(const std::string& text, const Inputs& inputs = {}) {
  return render(*Template::parse(text), inputs);
}
std::string rendered_body(const std::string& text, std::string_view body) {
  Inputs inputs;
  inputs.body = body;
  return rendered(text, inputs);
}
std::string without_blanks(const std::string& text) {
  std::string folded = std::regex_replace(text, std::regex("\\s+"), " ");
  if (folded.starts_with(' ')) folded.erase(0, 1);
  if (folded.ends_with(' ')) folded.pop_back();
  return folded;
}

// Each case is a template, the variables it was given and what the real service printed.
TEST(Template, PrintsWhatTheRealServicePrints) {
  std::ifstream file(TEMPLATE_CASES);
  const Json cases = Json::parse(file);
  ASSERT_EQ(cases.size(), 198u);
  for (const auto& one : cases) {
    const std::string text = one["template"];
    std::string output;
    try {
      output = render(*Template::parse(text), Inputs(), one["variables"]);
    } catch (const TemplateError& error) {
      output = std::string("error: ") + error.what();
    }
    std::string expected = one["output"];
    if (one.contains("blanks_differ")) {
      output = without_blanks(output);
      expected = without_blanks(expected);
    }
    EXPECT_EQ(output, expected) << text << "\nwith " << one["variables"];
  }
}

TEST(Template, ListsOfTheBodyPrintAsJsonAndMapsAsJavas) {
  const auto show = [](const std::string& body) {
    return rendered_body("#set($x = $input.path('$'))$x", body);
  };
  EXPECT_EQ(show(R"({"foo": "bar"})"), "{foo=bar}");
  EXPECT_EQ(show(R"([{"foo": "bar"}])"), R"([{"foo":"bar"}])");
  EXPECT_EQ(show(R"({"foo": [{"nested": "bar"}]})"), R"({foo=[{"nested":"bar"}]})");
  EXPECT_EQ(show(R"({"bigger": "dict", "to": "test"})"), "{bigger=dict, to=test}");
  EXPECT_EQ(rendered_body("$util.parseJson($input.body)", R"({"b": 1, "a": [true, null]})"),
            R"({"b":1,"a":[true,null]})");
  EXPECT_EQ(rendered("#set($l = [1, 'b'])$l"), "[1, b]");
}

TEST(Template, WhatIsMissingIsNullAndEmptyAndPrintsNothing) {
  const std::string text =
      "#set($r = $input.path('$.none'))[$r,$r.x,"
      "#if($r == $null)null#end,#if($r == '')empty#end,#if($r)true#end]";
  EXPECT_EQ(rendered_body(text, "{}"), "[,,null,empty,true]");
  EXPECT_EQ(rendered_body(text, ""), "[,,null,empty,true]");
  EXPECT_EQ(rendered_body("$input.json('$.none')", "{}"), "\"\"");
}

TEST(Template, ABodyKeepsTheOrderOfItsMembers) {
  EXPECT_EQ(rendered_body("$input.json('$')", R"({"z": 1, "a": {"y": 1.50, "b": "x\"y"}})"),
            R"({"z":1,"a":{"y":1.5,"b":"x\"y"}})");
  EXPECT_EQ(rendered_body("$input.body", " {\"z\" : 1 } "), " {\"z\" : 1 } ");
  EXPECT_EQ(rendered_body("$input.body|$input.json('$')", ""), "{}|{}");
  EXPECT_EQ(rendered_body("$input.json('$')|$input.json('$.a')", "not json"), "\"not json\"|\"\"");
}

TEST(Template, PathsFindWhatJsonPathSays) {
  const std::string body =
      R"({"store": {"book": [{"t": "A", "p": 8.95}, {"t": "B", "p": 12}, {"t": "C"}]}, "x y": 1})";
  const auto path = [&](const std::string& path) {
    return rendered_body("#set($p = \"" + path + "\")$input.json($p)", body);
  };
  EXPECT_EQ(path("$.store.book[0].t"), "\"A\"");
  EXPECT_EQ(path("$.store.book[-1].t"), "\"C\"");
  EXPECT_EQ(path("$['x y']"), "1");
  EXPECT_EQ(path("store.book[1].p"), "12");
  EXPECT_EQ(path("$.store.book[*].t"), R"(["A","B","C"])");
  EXPECT_EQ(path("$..t"), R"(["A","B","C"])");
  EXPECT_EQ(path("$.store.book[0:2].t"), R"(["A","B"])");
  EXPECT_EQ(path("$.store.book[0,2].t"), R"(["A","C"])");
  EXPECT_EQ(path("$.store.book[?(@.p < 10)].t"), R"(["A"])");
  EXPECT_EQ(path("$.store.book[?(@.t == 'B' && @.p > 10)].p"), "[12]");
  EXPECT_EQ(path("$.store.book[?(@.p)].t"), R"(["A","B"])");
  EXPECT_EQ(path("$.store.book.length()"), "3");
  EXPECT_THROW(path("$.store.book[x]"), TemplateError);
  EXPECT_THROW(path("$.store["), TemplateError);
}

TEST(Template, ParametersAreFoundByPlace) {
  const Parameters path{{"id", "1"}}, query{{"q", "a"}, {"q", "b"}}, header{{"X-Name", "h"}};
  Inputs inputs;
  inputs.path = &path;
  inputs.querystring = &query;
  inputs.header = &header;
  EXPECT_EQ(rendered("$input.params('id')$input.params('q')$input.params('X-Name')"
                     "$input.params('none')",
                     inputs),
            "1bh");
  EXPECT_EQ(rendered("$input.params()", inputs),
            "{path={id=1}, querystring={q=b}, header={X-Name=h}}");
  EXPECT_EQ(rendered("#foreach($t in $input.params().keySet())$t,"
                     "#foreach($n in $input.params().get($t).keySet())$n;#end#end",
                     inputs),
            "path,id;querystring,q;header,X-Name;");
}

TEST(Template, UtilitiesEncodeAndEscape) {
  EXPECT_EQ(rendered_body("$util.escapeJavaScript($input.json('$.a'))", R"({"a": "it's\n\u00e9"})"),
            "\\\"it\\'s\\\\n\\u00E9\\\"");
  EXPECT_EQ(rendered_body("$util.escapeJavaScript($input.path('$.a')).replaceAll(\"\\\\'\", \"'\")",
                          R"({"a": "it's"})"),
            "it's");
  EXPECT_EQ(rendered("$util.urlEncode('{\"a b\": 1}')"), "%7B%22a+b%22%3A+1%7D");
  EXPECT_EQ(rendered("$util.urlDecode('a+b%2F')"), "a b/");
  EXPECT_EQ(rendered("$util.base64Encode('hello')$util.base64Decode('aGVsbG8=')"), "aGVsbG8=hello");
  EXPECT_EQ(rendered("$util.parseJson('{\"a\": {\"b\": [7]}}').a.b[0]"), "7");
  EXPECT_THROW(rendered("$util.parseJson('{')"), TemplateError);
}

TEST(Template, OverridesAreWrittenBack) {
  Json context = {{"stage", "test"}};
  Inputs inputs;
  inputs.context = [&]() -> Json& { return context; };
  EXPECT_EQ(rendered("$context.stage#set($context.responseOverride.status = 418)"
                     "#set($context.responseOverride.header.X-A = 'b')"
                     "#set($context.requestOverride.path.id = $context.stage)",
                     inputs),
            "test");
  EXPECT_EQ(context["responseOverride"], (Json{{"header", {{"X-A", "b"}}}, {"status", 418}}));
  EXPECT_EQ(context["requestOverride"]["path"], (Json{{"id", "test"}}));
}

TEST(Template, TheContextIsReadBeforeAndAfterItIsChanged) {
  const Json before = {{"stage", "test"},
                       {"count", 3},
                       {"on", true},
                       {"none", nullptr},
                       {"identity", {{"sourceIp", "127.0.0.1"}}}};
  Json context = before;
  Inputs inputs;
  inputs.context = [&]() -> Json& { return context; };
  EXPECT_EQ(rendered("$context.stage $context.count $context.on [$context.none]"
                     " $context.stage.length() $context.stage.other",
                     inputs),
            "test 3 true [] 4 ");
  EXPECT_EQ(context, before);
  EXPECT_EQ(rendered("[$context.other]", inputs), "[]");
  EXPECT_EQ(rendered("$context.stage $context.identity.sourceIp $context.stage"
                     "#set($context.stage = 'other') $context.stage",
                     inputs),
            "test 127.0.0.1 test other");
  EXPECT_EQ(rendered("#set($context = {'stage': 'mine'})$context.stage", inputs), "mine");
}

TEST(Template, MacrosTakeArguments) {
  EXPECT_EQ(rendered("#macro(field $n $v)\"$n\": \"$v\"#end{#field('a' 1), #field(\"b\", $none)}"),
            "{\"a\": \"1\", \"b\": \"\"}");
  EXPECT_EQ(rendered("#later('x')#macro(later $v)<$v>#end"), "<x>");
  EXPECT_EQ(rendered("#unknown('x') #color #13ff"), "#unknown('x') #color #13ff");
}

TEST(Template, JavasMethodsWork) {
  EXPECT_EQ(rendered("#set($s = 'a,b,,')$s.split(',').size()"), "2");
  EXPECT_EQ(rendered("#set($s = 'a1b22')$s.replaceAll('([0-9]+)', '<$1>')"), "a<1>b<22>");
  EXPECT_EQ(rendered("#set($i = 0)#set($n = $i.parseInt('41') + 1)$n"), "42");
  EXPECT_EQ(rendered("#set($m = {'b': 1})#foreach($e in $m.entrySet())$e.key=$e.value#end"), "b=1");
  EXPECT_EQ(rendered("#set($s = 'gr\xC3\xBC\xC3\x9F')$s.length() $s.substring(2, 4)"),
            "4 \xC3\xBC\xC3\x9F");
  EXPECT_EQ(rendered("#set($m = {})#set($x = $m.put('a', 1))$m.containsKey('a') $m.size()"),
            "true 1");
  EXPECT_EQ(rendered("#set($a = 'a')#if($a.equals('b'))#else no#end#foreach($i in [1..9])"
                     "#if($i == 3)#break#end$i#end"),
            " no12");
  EXPECT_THROW(rendered("#set($s = 'abc')$s.substring(4)"), TemplateError);
}

TEST(Template, NumbersAreJavas) {
  EXPECT_EQ(rendered("#set($x = 7 / 2)#set($y = 7 % 4)#set($z = 1.0 * 10000000)$x $y $z"),
            "3 3 1.0E7");
  EXPECT_EQ(rendered("#set($x = 1 / 0)[$x]"), "[]");
  EXPECT_EQ(rendered_body("$input.json('$')", "[12345678901234567890, 1e3, -0.5]"),
            "[12345678901234567890,1000.0,-0.5]");
}

TEST(Template, WhatCannotBeParsedNamesItsPlace) {
  for (const char* text :
       {"#if(true)", "#foreach($x in", "#set($x = )", "${x", "#end", "#else", "#if()#end",
        "#set(x = 1)", "#* open", "$x.y(1", "#parse('x')", "#if(true)#else#else#end"}) {
    try {
      Template::parse(text);
      ADD_FAILURE() << text;
    } catch (const TemplateError& error) {
      EXPECT_NE(std::string(error.what()).find("line 1, column"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Template, HostileTemplatesStopAtABound) {
  std::string deep_lists, deep_blocks, bangs(100'000, '!');
  for (int i = 0; i < 10'000; ++i) {
    deep_lists += "[";
    deep_blocks += "#if(true)";
  }
  const std::vector<std::string> hostile{
      "#set($x = " + deep_lists,
      deep_blocks,
      "#set($x = " + bangs + "$y)",
      "#macro(m)#m()#end#m()",
      "#define($a)$a#end$a",
      "#set($s = 'xxxxxxxxxx')#foreach($i in [1..100])#set($s = \"$s$s\")#end",
      "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end",
      "#set($l = [])#set($x = $l.add($l))$l",
      "#set($a = [1])#foreach($i in [1..60])#set($a = [$a, $a])#end$a",
      "#set($x = [1..2000000000])",
      "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')$s.matches('(a+)+b')"
      "#foreach($i in [1..1000])$s.matches('(a+)+(a+)+b')#end",
      "#set($s = 'a')$s.matches('(')"};
  for (const auto& text : hostile) {
    EXPECT_THROW(rendered(text), TemplateError) << text.substr(0, 80);
  }
  // More turns than a loop may have are left out, as Velocity does.
  EXPECT_EQ(rendered("#foreach($i in [1..5000])x#end").size(), kMaxLoop);
  // What is nested beyond printing is still dropped without harm.
  EXPECT_EQ(rendered("#set($a = [])#foreach($i in [1..1000])#foreach($j in [1..100])"
                     "#set($a = [$a])#end#end"),
            "");
}

}  // namespace
}  // namespace paddock::services::apigateway::vtl
