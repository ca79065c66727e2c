// The ceiling that tests/bench measures Paddock against: a bare Beast server that does one RocksDB
// put, get, or get and put a request and nothing else. The same socket handling a careful author
// would write; no parsing of bodies, no logging, no limits.
//
//   bare_server PORT DIRECTORY
//   POST /put?KEY     stores the body      POST /get?KEY   answers what is stored
//   POST /update?KEY  reads, then stores the body
#include <cstdio>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <rocksdb/db.h>
#include <rocksdb/table.h>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

std::unique_ptr<rocksdb::DB> open_store(const std::string& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 8 << 20;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(32 << 20);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  rocksdb::DB* store = nullptr;
  if (auto status = rocksdb::DB::Open(options, directory, &store); !status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    std::exit(1);
  }
  return std::unique_ptr<rocksdb::DB>(store);
}

asio::awaitable<void> serve(tcp::socket socket, rocksdb::DB& store) {
  boost::beast::flat_buffer buffer;
  std::string out;
  rocksdb::PinnableSlice value;
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (true) {
    http::request_parser<http::string_body> parser;
    co_await http::async_read(socket, buffer, parser, token);
    if (error) co_return;
    auto target = parser.get().target();
    rocksdb::Slice key(target.data() + target.find('?') + 1, target.size() - target.find('?') - 1);
    bool put = target.starts_with("/put");
    bool get = target.starts_with("/get");
    value.Reset();
    if (!put) store.Get(rocksdb::ReadOptions(), store.DefaultColumnFamily(), key, &value);
    if (!get) store.Put(rocksdb::WriteOptions(), key, parser.get().body());
    rocksdb::Slice answer = get ? rocksdb::Slice(value) : rocksdb::Slice("{}");
    out.assign("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ");
    out += std::to_string(answer.size());
    out += "\r\n\r\n";
    out.append(answer.data(), answer.size());
    co_await asio::async_write(socket, asio::buffer(out), token);
    if (error) co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor acceptor, rocksdb::DB& store) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), store), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("bare_server PORT DIRECTORY\n", stderr);
    return 2;
  }
  auto store = open_store(argv[2]);
  asio::io_context io(1);
  tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                         static_cast<unsigned short>(std::stoi(argv[1])));
  asio::co_spawn(io, listen(tcp::acceptor(io, endpoint), *store), asio::detached);
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](auto, int) { io.stop(); });
  io.run();
}
