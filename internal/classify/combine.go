package classify

import (
	"regexp"
	"slices"
	"strings"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

// combination reads two pieces of evidence together: when a failure of type `of`
// leads and the output elsewhere shows the setting, the cause is `to`.
type combination struct {
	name    string
	of      []heal.ErrorType
	setting func() *regexp.Regexp
	// line must match the telling line itself.
	line func() *regexp.Regexp
	to   heal.ErrorType
	// over is how much the new vote outweighs the leading one.
	over float64
}

var combinations = []combination{
	{
		// A bare socket error is about the network; the same error out of the client
		// of a named service is about that service.
		name: "client of a named service", of: []heal.ErrorType{heal.CommunicationError},
		setting: match.Lazy(`\b(?:psycopg\w*|pgx\w*|pgconn|libpq|lib/pq|asyncpg|sqlalchemy\w*|gorm|sequelize|knex|typeorm|prisma\w*|django\.db|activerecord|hikari\w*|jdbc|pymysql|mysql\w*|mariadb|pymongo|mongo\w*|mongoose|redis\w*|ioredis|jedis|lettuce|go-redis|kafka\w*|sarama|librdkafka|confluent_kafka|amqp\w*|amqplib|pika|kombu|celery|rabbitmq|nats\w*|etcd\w*|clientv3|zookeeper|kazoo|consul|vault|elastic\w*|opensearch\w*|solr|cassandra|scylla|gocql|memcache\w*|pymemcache|influx\w*|clickhouse\w*|qdrant\w*|milvus|weaviate|chroma\w*|pinecone|neo4j|minio|boto\w*|ollama|vllm|openai\w*|anthropic\w*|litellm|cohere|mistralai|ldap\w*|sftp|docker daemon|kube-?apiserver|datasource|data source|database|db)\b|:(?:5432|3306|6379|27017|9092|5672|9200|2379|2181|4222|11434|8529|7687|9042|11211|19530|6333)\b`),
		line:    match.Lazy(`refused|unreachable|could(?: not|n't) connect|cannot connect|can't connect|failed to (?:connect|dial)|unavailable|not available|unable to connect`),
		to:      heal.DependencyFailure, over: 0.03,
	},
	{
		name: "while reading the configuration", of: []heal.ErrorType{heal.ExecutionFailure, heal.CommunicationError},
		setting: match.Lazy(`(?:load|read|parse|open|init|get)_?(?:config|settings|conf)\b|\bconfig(?:uration)?(?:\.\w+)?\.(?:json|ya?ml|toml|ini|hcl)|settings\.(?:json|ya?ml|toml|py)|\.env\b|dictconfig|config file|configuration file|\w+\.(?:toml|ini|ya?ml|hcl|conf)\b`),
		line:    match.Lazy(`decode|pars|unmarshal|expect|invalid|unexpected|undefined|not found|no such|missing|keyerror|valueerror|cannot|can't|unable|typeerror|syntax`),
		to:      heal.ConfigurationError, over: 0.05,
	},
	{
		name: "inside a machine-learning library", of: []heal.ErrorType{heal.ExecutionFailure, heal.ConfigurationError},
		setting: match.Lazy(`(?:site-packages|dist-packages|node_modules|/lib)/@?(?:torch|tensorflow|keras|sklearn|jax|flax|transformers|xgboost|lightgbm|accelerate|peft|pytorch_lightning|onnxruntime|tfjs|stable_baselines\w*|trl|diffusers|scipy|gymnasium)|\b(?:torch|tf|keras|tfjs|sklearn|jax|xgboost|gonum|onnx\w*|nn\.module|autograd|optimizer|state.?dict)\b`),
		line:    match.Lazy(`tensor|gradient|\bgrad\b|backward|embedding|shape|dimension|state.?dict|index out of range|batch|features?\b|variables? needed|parameter group|logits|layer|vector|matrix|matrices|weights|singular|converge|label|sample|\bdim\b|rank|dtype|model|graph|checkpoint`),
		to:      heal.LearningFailure, over: 0.05,
	},
}

// turnsOf lists the combinations that hold for the output: the telling line and the
// setting are there.
func turnsOf(lines []string, lead string) []heal.Turn {
	var turns []heal.Turn
	lead = strings.ToLower(lead)
	text := ""
	for _, c := range combinations {
		if !c.line().MatchString(lead) {
			continue
		}
		if text == "" {
			text = settingOf(lines)
		}
		if at := c.setting().FindString(text); at != "" {
			turns = append(turns, heal.Turn{Of: c.of, To: c.to, Over: c.over, Why: c.name + ": " + at})
		}
	}
	return turns
}

// hint is advice about the host that a program prints at its start, naming files that
// have nothing to do with what fails.
const hint = "sysctl"

// settingOf is the text in which a setting is looked for.
func settingOf(lines []string) string {
	told := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, hint) })
	text := strings.ToLower(strings.Join(told, "\n"))
	return text[:min(len(text), 4*match.MaxLine)]
}
